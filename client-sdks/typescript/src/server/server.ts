import { type Clock, systemClock } from '../clock';
import { StreamerError } from '../errors';
import { randomId } from '../random-id';
import type { UntypedActions } from '../types';
import { Caller, DEFAULT_SERVER_TIMING, type ServerTiming } from './caller';
import { type Invoke, invokeWith, type LambdaClientLike } from './lambda';
import { StreamerSubmitter } from './submitter';
import type { ServerIdentity } from './types';

/** Which function is asked, and how. */
export interface StreamerServerOptions {
  /** Name or ARN of the API's `submitFunction`. Default: the environment variable `STREAMER_SUBMIT_FUNCTION`, which `grantSubmit` sets. */
  readonly functionName?: string;
  /** A `LambdaClient` of `@aws-sdk/client-lambda`, as you configured it. Default: one with the environment's credentials. */
  readonly lambda?: LambdaClientLike;
  /** Invocations of one call in all, where Lambda throttles or fails. Default: 6. */
  readonly maxAttempts?: number;
  /** Other times than the default ones. */
  readonly timing?: Partial<ServerTiming>;
  /** Makes the ids of requests. Default: 128 random bits. */
  readonly newId?: () => string;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** From 0 up to 1, for the jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

/** A client for programs that run on servers: it submits requests through Lambda, without a WebSocket. */
export interface StreamerServer<Actions = UntypedActions> {
  /** @throws StreamerError `INVALID_MESSAGE` for names that are none */
  as(identity: ServerIdentity): StreamerSubmitter<Actions>;
}

/**
 * Makes a client of an API's submit function; `Actions` is what `ActionsOf` reads from the handlers.
 *
 * @throws StreamerError `CONNECT_FAILED` where no function is named
 */
export function createStreamerServer<Actions = UntypedActions>(
  options: StreamerServerOptions = {},
): StreamerServer<Actions> {
  const { clock = systemClock, random = Math.random, maxAttempts = 6, newId = randomId } = options;
  const timing = { ...DEFAULT_SERVER_TIMING, ...options.timing };
  const invoke: Invoke = invokeWith(options.lambda, functionNameOf(options));
  const caller = new Caller({ invoke, clock, random, timing, maxAttempts });
  return {
    as: ({ user, tenant = 'default' }) => {
      for (const [field, name] of Object.entries({ user, tenant })) checkName(field, name);
      return new StreamerSubmitter<Actions>(caller, { user, tenant }, newId);
    },
  };
}

function functionNameOf({ functionName }: StreamerServerOptions): string {
  const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
  const name = functionName ?? process?.env.STREAMER_SUBMIT_FUNCTION;
  if (name) return name;
  throw new StreamerError(
    'CONNECT_FAILED',
    'No submit function is named: give `functionName`, or use `grantSubmit`, which sets STREAMER_SUBMIT_FUNCTION.',
    { retryable: false },
  );
}

const MAX_NAME_CHARS = 256;

function checkName(field: string, name: unknown): void {
  if (typeof name === 'string' && name !== '' && name.length <= MAX_NAME_CHARS) return;
  throw new StreamerError('INVALID_MESSAGE', `\`${field}\` must be a string of 1 to ${MAX_NAME_CHARS} characters.`);
}
