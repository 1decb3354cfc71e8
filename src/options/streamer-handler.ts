import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { asyncHandler, directoryHandlers, functionHandler, syncHandler } from '../handlers/handler-definitions';
import type { HandlerKind } from '../handlers/kinds/kind';
import type {
  AsyncHandlerOptions,
  FunctionHandlerOptions,
  HandlerDirectoryOptions,
  SyncHandlerOptions,
} from './streamer-handler-options';

/**
 * The handler of an action. It is an existing Lambda function, or a module whose default export is created by `defineHandler` of
 * `cdk-streamer/handler`.
 */
export class StreamerHandler {
  /**
   * A handler that answers within the API's `syncTimeout`. It runs in the router's function, or in a separate one if it is `isolated`.
   *
   * @param entry path of the module, absolute or from the project's root
   */
  public static sync(entry: string, options: SyncHandlerOptions = {}): StreamerHandler {
    return new StreamerHandler(syncHandler(entry, options));
  }

  /**
   * A handler whose requests are acknowledged at once. The handler runs in a separate function, and reports progress and its result.
   *
   * @param entry path of the module, absolute or from the project's root
   */
  public static async(entry: string, options: AsyncHandlerOptions = {}): StreamerHandler {
    return new StreamerHandler(asyncHandler(entry, options));
  }

  /**
   * An existing Lambda function, in any language. It is invoked with `{ action, input, request, identity }`. Its return value is the result. If it
   * throws an error, the request fails with `HANDLER_ERROR`.
   *
   * @param fn the function, or a version or alias of it. Streamer gets permission to invoke it
   */
  public static fromFunction(fn: IFunction, options: FunctionHandlerOptions = {}): StreamerHandler {
    return new StreamerHandler(functionHandler(fn, options));
  }

  /**
   * Creates handlers from all modules in a folder, by action. The action is the name of the file without its extension. `.sync` or `.async` before
   * the extension sets the mode and is not part of the action. Subfolders, schemas (`*.schema.*`), tests (`*.test.*`, `*.spec.*`), declarations and
   * files that start with `_` or `.` are ignored.
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
