/** `cdk-streamer-client/server`: submits requests from servers, schedules and scripts, without a WebSocket. */

export type { SendOptions } from '../request/handle';
export type { Debounce } from '../wire/encode';
export { StreamerError } from '../wire/errors';
export type { ServerTiming } from './caller';
export type { LambdaClientLike } from './lambda';
export type { ServerPublishOptions, SqsClientLike } from './publisher';
export { createStreamerServer, type StreamerServer, type StreamerServerOptions } from './server';
export type { StreamerSubmitter } from './submitter';
export type { RequestReport, ServerIdentity, SubmitOptions, SubmittedRequest, WaitOptions } from './types';
export {
  type EndedRequest,
  type StreamerWebhookEvent,
  type VerifyWebhookOptions,
  verifyWebhook,
  type WebhookHeaders,
} from './webhook';
