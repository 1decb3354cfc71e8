import type { AsyncHandlerOptions, HandlerMode, SyncHandlerOptions } from './streamer-handler-options';

/** Options of `StreamerHandler.fromDirectory`. */
export interface HandlerDirectoryOptions {
  /**
   * Mode of the handlers whose file name does not state it. `echo.sync.ts` is a sync handler of the action `echo`, `report.async.ts` an async handler of the
   * action `report`.
   *
   * @default HandlerMode.ASYNC
   */
  readonly mode?: HandlerMode;

  /**
   * Base folder of a relative path.
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
