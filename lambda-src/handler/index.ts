/**
 * The module that handlers import: `import { defineHandler } from 'cdk-streamer/handler'`.
 *
 * It has no Node.js types and no dependency, so that a browser project can read a handler's types.
 */

export type {
  HandlerContext,
  HandlerIdentity,
  HandlerLog,
  HandlerRequest,
  HandlerSignal,
  ProgressReport,
  ReportProgress,
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
