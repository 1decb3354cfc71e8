/** `cdk-streamer/testing`: runs one handler, or a whole application, inside a test. */

export type {
  AbortLike,
  AnyHandler,
  HandlerEvent,
  HandlerInput,
  HandlerResult,
  HandlerRun,
  RecordedError,
  RecordedEvent,
  RecordedLine,
  RecordedProgress,
  RunArguments,
  RunOptions,
} from './handler-types';
export { runHandler } from './run-handler';
