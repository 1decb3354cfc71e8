import type { Fetch } from '../payload/transfer';
import type { UntypedActions } from '../types';
import { type Clock, systemClock } from '../util/clock';
import { checkCount, timesOf } from '../util/numbers';
import { randomId } from '../util/random-id';
import { StreamerError } from '../wire/errors';
import { OWNER_CHARS } from '../wire/protocol';
import { Caller, DEFAULT_SERVER_TIMING, type ServerTiming } from './caller';
import { type Invoke, invokeWith, type LambdaClientLike } from './lambda';
import { Publisher, type ServerPublishOptions, type SqsClientLike } from './publisher';
import { StreamerSubmitter } from './submitter';
import type { ServerIdentity } from './types';

/** Options of a client for servers. */
export interface StreamerServerOptions {
  /** Name or ARN of the API's `submitFunction`. Default: the environment variable `STREAMER_SUBMIT_FUNCTION`, which `grantSubmit` sets. */
  readonly functionName?: string;
  /** A configured `LambdaClient` of `@aws-sdk/client-lambda`. Default: a client with the environment's credentials. */
  readonly lambda?: LambdaClientLike;
  /** URL of the API's `topics.queue`. Default: the environment variable `STREAMER_PUBLISH_QUEUE`, which `grantPublish` sets. */
  readonly publishQueueUrl?: string;
  /** A configured `SQSClient` of `@aws-sdk/client-sqs`. Default: a client with the environment's credentials. */
  readonly sqs?: SqsClientLike;
  /**
   * Maximum number of calls per request or message, including the first one. A call is retried if Lambda or SQS throttles it or fails. Default: 6.
   */
  readonly maxAttempts?: number;
  /** Times that replace the defaults. */
  readonly timing?: Partial<ServerTiming>;
  /** Creates the ids of requests. Default: a function that returns 128 random bits. */
  readonly newId?: () => string;
  /** Uploads inputs and downloads results that do not fit into a message. Default: `fetch` of the platform. */
  readonly fetch?: Fetch;
  /** Clock and timers. Default: those of the system. */
  readonly clock?: Clock;
  /** Returns a random number from 0 up to 1, for the jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

/** A client for programs that run on servers. It submits requests through Lambda and publishes through SQS, without a WebSocket. */
export interface StreamerServer<Actions = UntypedActions> {
  /**
   * Returns a submitter that acts for a user.
   *
   * @throws StreamerError `INVALID_MESSAGE` if a name is invalid, `CONNECT_FAILED` if no submit function is configured
   */
  as(identity: ServerIdentity): StreamerSubmitter<Actions>;

  /**
   * Publishes a message to all subscribers of the topic in the tenant. When the promise resolves, the queue has accepted the message, which will then
   * be stored.
   *
   * @throws StreamerError `INVALID_MESSAGE`, `INVALID_INPUT`, `MESSAGE_TOO_LARGE`; `CONNECT_FAILED` if no queue is configured; or the error of the
   * last retry: `FORBIDDEN`, `RATE_LIMITED`, `UNAVAILABLE`
   */
  publish(topic: string, data: unknown, options?: ServerPublishOptions): Promise<void>;
}

/**
 * Creates a client of an API for use on a server. `Actions` is the type that `ActionsOf` derives from the handlers.
 *
 * @throws StreamerError `CONNECT_FAILED` if neither a submit function nor a queue for publishing is configured
 */
export function createStreamerServer<Actions = UntypedActions>(
  options: StreamerServerOptions = {},
): StreamerServer<Actions> {
  const { clock = systemClock, random = Math.random, maxAttempts = 6, newId = randomId } = options;
  const timing = timesOf(DEFAULT_SERVER_TIMING, options.timing);
  checkCount('maxAttempts', maxAttempts, 1);
  const functionName = options.functionName ?? fromEnvironment('STREAMER_SUBMIT_FUNCTION');
  const queueUrl = options.publishQueueUrl ?? fromEnvironment('STREAMER_PUBLISH_QUEUE');
  if (!functionName && !queueUrl) throw noFunction();
  const invoke: Invoke = invokeWith(options.lambda, functionName ?? '');
  const caller = new Caller({ invoke, clock, random, timing, maxAttempts, fetch: options.fetch });
  const publisher = queueUrl ? new Publisher(queueUrl, options.sqs, maxAttempts) : undefined;
  return {
    publish: async (topic, data, { tenant = 'default', id = newId() } = {}) => {
      checkName('tenant', tenant);
      if (!publisher) throw noQueue();
      await publisher.publish({ tenant, topic, id, data });
    },
    as: ({ user, tenant = 'default' }) => {
      if (!functionName) throw noFunction();
      for (const [field, name] of Object.entries({ user, tenant })) checkName(field, name);
      return new StreamerSubmitter<Actions>(caller, { user, tenant }, newId);
    },
  };
}

function fromEnvironment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
  return process?.env[name];
}

const noFunction = (): StreamerError =>
  new StreamerError(
    'CONNECT_FAILED',
    'No submit function is configured: pass `functionName`, or use `grantSubmit`, which sets STREAMER_SUBMIT_FUNCTION.',
    { retryable: false },
  );

const noQueue = (): StreamerError =>
  new StreamerError(
    'CONNECT_FAILED',
    'No queue of topics is configured: pass `publishQueueUrl`, or use `grantPublish`, which sets STREAMER_PUBLISH_QUEUE.',
    { retryable: false },
  );

function checkName(field: string, name: unknown): void {
  if (typeof name === 'string' && name !== '' && name.length <= OWNER_CHARS) return;
  throw new StreamerError('INVALID_MESSAGE', `\`${field}\` must be a string of 1 to ${OWNER_CHARS} characters.`);
}
