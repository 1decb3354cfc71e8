import { type ErrorCode, StreamerError } from '../wire/errors';

/** Fields that errors of the AWS SDK have. */
interface SdkError {
  readonly name?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

interface Meaning {
  readonly code: ErrorCode;
  readonly message: string;
  /** Whether a retry may succeed. Default: the value that the protocol defines for the error code. */
  readonly retryable?: boolean;
}

const noFunction: Meaning = {
  code: 'CONNECT_FAILED',
  message: 'There is no such function; check `functionName` and the region.',
  retryable: false,
};

const BY_NAME: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['TooManyRequestsException', { code: 'RATE_LIMITED', message: 'Lambda throttled the invocation.' }],
  ['ThrottlingException', { code: 'RATE_LIMITED', message: 'Lambda throttled the invocation.' }],
  ['ResourceNotFoundException', noFunction],
  [
    'AccessDeniedException',
    { code: 'FORBIDDEN', message: 'This role may not invoke the function; use `grantSubmit`.' },
  ],
  ['RequestTooLargeException', { code: 'MESSAGE_TOO_LARGE', message: 'The input is larger than Lambda accepts.' }],
  ['CredentialsProviderError', { code: 'UNAUTHORIZED', message: 'The AWS SDK found no credentials.' }],
]);

/** Converts an error that an invocation threw. The result's `retryable` shows whether a retry may succeed. */
export function invocationError(thrown: unknown): StreamerError {
  if (thrown instanceof StreamerError) return thrown;
  const { name = '', $metadata } = (thrown ?? {}) as SdkError;
  const { code, message, retryable } = BY_NAME.get(name) ?? byStatus($metadata?.httpStatusCode, name);
  return new StreamerError(code, message, { cause: thrown, retryable });
}

/** Returns the meaning of a failed call by its HTTP status. If there is no status, there was no answer, because of the network or a time limit. */
function byStatus(status: number | undefined, name: string): Meaning {
  if (status === 429) return { code: 'RATE_LIMITED', message: 'Lambda throttled the invocation.' };
  if (status === undefined || status >= 500) return { code: 'UNAVAILABLE', message: 'Lambda could not be reached.' };
  return { code: 'FORBIDDEN', message: `Lambda refused the invocation: ${name}.` };
}

const NO_QUEUE = 'There is no such queue; check `publishQueueUrl` and the region.';

const BY_NAME_OF_QUEUE: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['QueueDoesNotExist', { code: 'CONNECT_FAILED', message: NO_QUEUE, retryable: false }],
  ['AWS.SimpleQueueService.NonExistentQueue', { code: 'CONNECT_FAILED', message: NO_QUEUE, retryable: false }],
  ['AccessDenied', { code: 'FORBIDDEN', message: 'This role may not send to the queue; use `grantPublish`.' }],
  ['AccessDeniedException', { code: 'FORBIDDEN', message: 'This role may not send to the queue; use `grantPublish`.' }],
  ['CredentialsProviderError', { code: 'UNAUTHORIZED', message: 'The AWS SDK found no credentials.' }],
]);

/** Converts the error of a message that could not be sent to the queue, even after all retries of the SDK. */
export function publishError(thrown: unknown): StreamerError {
  const { name = '', $metadata } = (thrown ?? {}) as SdkError;
  const { code, message, retryable } = BY_NAME_OF_QUEUE.get(name) ?? ofQueueByStatus($metadata?.httpStatusCode, name);
  return new StreamerError(code, message, { cause: thrown, retryable });
}

function ofQueueByStatus(status: number | undefined, name: string): Meaning {
  if (status === 429 || /Throttl/.test(name)) return { code: 'RATE_LIMITED', message: 'SQS throttled the message.' };
  if (status === undefined || status >= 500) return { code: 'UNAVAILABLE', message: 'SQS could not be reached.' };
  return { code: 'FORBIDDEN', message: `SQS refused the message: ${name}.` };
}

/**
 * Creates the error for a function that failed before it could answer. For example, it ran out of memory or could not reach a table. The function's
 * own error is left out, because it may contain parts of the input.
 */
export const functionError = (): StreamerError =>
  new StreamerError('INTERNAL', 'The submit function failed; its log contains the reason.');
