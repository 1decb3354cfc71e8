import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { asyncHandler, directoryHandlers, functionHandler, syncHandler } from '../handlers/handler-definitions';
import type { HandlerKind } from '../handlers/kinds/kind';
import type {
  AsyncHandlerOptions,
  FunctionHandlerOptions,
  HandlerDirectoryOptions,
  SyncHandlerOptions,
} from './streamer-handler-options';

/** A handler of one action: a module whose default export is made by `defineHandler` of `cdk-streamer/handler`, or a function of yours. */
export class StreamerHandler {
  /**
   * A handler that answers within the sync budget, in the router's own function or isolated from it.
   *
   * @param entry path of the module, absolute or from the project's root
   */
  public static sync(entry: string, options: SyncHandlerOptions = {}): StreamerHandler {
    return new StreamerHandler(syncHandler(entry, options));
  }

  /**
   * A handler that is acknowledged at once, runs in a function of its own, and reports progress and its result.
   *
   * @param entry path of the module, absolute or from the project's root
   */
  public static async(entry: string, options: AsyncHandlerOptions = {}): StreamerHandler {
    return new StreamerHandler(asyncHandler(entry, options));
  }

  /**
   * A Lambda function of yours, in any language. It is invoked with `{ action, input, request, identity }`; what it returns is the
   * result, and what it throws is `HANDLER_ERROR`.
   *
   * @param fn the function, its version or alias; Streamer is granted its invocation
   */
  public static fromFunction(fn: IFunction, options: FunctionHandlerOptions = {}): StreamerHandler {
    return new StreamerHandler(functionHandler(fn, options));
  }

  /**
   * Creates handlers from all modules in a folder, by action. The action is the name of the file without its extension; `.sync` or `.async` before the
   * extension sets the mode and is not part of the action. Subfolders, schemas (`*.schema.*`), tests (`*.test.*`, `*.spec.*`), declarations and files that
   * start with `_` or `.` are ignored.
   *
   * @param directory path, absolute or relative to the project's root
   */
  public static fromDirectory(
    directory: string,
    options: HandlerDirectoryOptions = {},
  ): { [action: string]: StreamerHandler } {
    return Object.fromEntries(
      directoryHandlers(directory, options).map(([action, kind]) => [action, new StreamerHandler(kind)]),
    );
  }

  /**
   * A handler of any kind.
   *
   * @internal
   */
  public static _of(kind: HandlerKind): StreamerHandler {
    return new StreamerHandler(kind);
  }

  /** @internal */
  public readonly _kind: HandlerKind;

  private constructor(kind: HandlerKind) {
    this._kind = kind;
  }
}
