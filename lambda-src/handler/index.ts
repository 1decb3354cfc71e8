/**
 * The module that handlers import: `import { defineHandler } from 'cdk-streamer/handler'`.
 *
 * It needs no Node.js types and has no dependencies, so that a browser project can use the types of a handler.
 */

export type {
  Continuation,
  ContinueOptions,
  EventName,
  HandlerContext,
  HandlerIdentity,
  HandlerLog,
  HandlerMessage,
  HandlerRequest,
  HandlerSignal,
  MessagesOptions,
  ProgressReport,
  ReportProgress,
  SnapshotData,
} from './context';
export { defineHandler, type EventMap, type Handler, type HandlerOptions, type RetryIf } from './define';
export {
  FatalError,
  type FatalErrorOptions,
  HandlerError,
  type HandlerErrorOptions,
  RetryableError,
  type RetryableErrorOptions,
} from './error';
export type { InferInput, InferOutput, StandardSchema } from './standard-schema';
export {
  type PipedUIMessageStream,
  type PipeUIMessageStreamOptions,
  pipeUIMessageStream,
  type UIMessageChunk,
  type UIMessageChunks,
  type UIMessageContext,
  type UIMessageEvents,
} from './ui-message-stream';
