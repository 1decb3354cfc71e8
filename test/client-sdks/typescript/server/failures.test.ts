import { StreamerError } from 'cdk-streamer-client';
import { functionError, invocationError } from '../../../../client-sdks/typescript/src/server/failures';

const sdk = (name: string, httpStatusCode?: number) =>
  Object.assign(new Error('secret'), { name, $metadata: { httpStatusCode } });

const CASES: [thrown: unknown, code: string, retryable: boolean][] = [
  [sdk('TooManyRequestsException', 429), 'RATE_LIMITED', true],
  [sdk('ThrottlingException', 400), 'RATE_LIMITED', true],
  [sdk('SomethingNewException', 429), 'RATE_LIMITED', true],
  [sdk('ServiceException', 500), 'UNAVAILABLE', true],
  [sdk('ENILimitReachedException', 502), 'UNAVAILABLE', true],
  [sdk('TimeoutError'), 'UNAVAILABLE', true],
  [new Error('socket hang up'), 'UNAVAILABLE', true],
  [undefined, 'UNAVAILABLE', true],
  [sdk('AccessDeniedException', 403), 'FORBIDDEN', false],
  [sdk('KMSAccessDeniedException', 400), 'FORBIDDEN', false],
  [sdk('ResourceNotFoundException', 404), 'CONNECT_FAILED', false],
  [sdk('RequestTooLargeException', 413), 'MESSAGE_TOO_LARGE', false],
  [sdk('CredentialsProviderError'), 'UNAUTHORIZED', false],
];

test.each(
  CASES.map(([thrown, ...meaning]) => [(thrown as Error | undefined)?.name, thrown, ...meaning] as const),
)('%s', (_, thrown, code, retryable) => {
  const error = invocationError(thrown);

  expect(error).toBeInstanceOf(StreamerError);
  expect(error).toMatchObject({ code, retryable });
  expect(error.cause).toBe(thrown);
  expect(error.message).not.toContain('secret');
});

test('an error that is already a StreamerError stays unchanged', () => {
  const error = new StreamerError('NOT_FOUND', 'None.');

  expect(invocationError(error)).toBe(error);
});

test('the error of a failed function is retryable', () => {
  expect(functionError()).toMatchObject({ code: 'INTERNAL', retryable: true });
});
