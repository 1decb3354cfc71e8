import type { AsyncHandlerOptions, HandlerMode, SyncHandlerOptions } from './streamer-handler-options';

/** Options of `StreamerHandler.fromDirectory`. */
export interface HandlerDirectoryOptions {
  /**
   * How the requests of handlers are answered whose file does not say it: `echo.sync.ts` is a sync handler of the action `echo`, `report.async.ts` an async one.
   *
   * @default HandlerMode.ASYNC
   */
  readonly mode?: HandlerMode;

  /**
   * The folder that a relative path starts from.
   *
   * @default - that of the nearest package.json above the working directory
   */
  readonly projectRoot?: string;

  /**
   * Options of all sync handlers in the folder.
   *
   * @default - those of `StreamerHandler.sync`
   */
  readonly syncOptions?: SyncHandlerOptions;

  /**
   * Options of all async handlers in the folder.
   *
   * @default - those of `StreamerHandler.async`
   */
  readonly asyncOptions?: AsyncHandlerOptions;
}
