import { StreamerError } from 'cdk-streamer-client';
import { answering, FakeLambda, sdkError } from './support';

const alice = { tenant: 'acme', user: 'alice' };

let lambda: FakeLambda;
beforeEach(() => {
  lambda = new FakeLambda();
});
afterEach(() => {
  expect(lambda.clock.pending).toBe(0);
});

const as = (options = {}) => lambda.server(options).as(alice);
const ended = <T>(promise: Promise<T>) => lambda.ended(promise);

describe('an answer of Lambda', () => {
  test.each<[string, () => unknown, string, boolean]>([
    ['a throttle', sdkError('TooManyRequestsException', 429), 'RATE_LIMITED', true],
    ['a throttle by another name', sdkError('EC2ThrottledException', 502), 'UNAVAILABLE', true],
    ['a failure of the service', sdkError('ServiceException', 500), 'UNAVAILABLE', true],
    ['nothing', sdkError('TimeoutError'), 'UNAVAILABLE', true],
    ['a failure of the function', answering({ errorMessage: 'secret' }, 'Unhandled'), 'INTERNAL', true],
    ['no permission', sdkError('AccessDeniedException', 403), 'FORBIDDEN', false],
    ['no such function', sdkError('ResourceNotFoundException', 404), 'CONNECT_FAILED', false],
    ['a payload that is too large', sdkError('RequestTooLargeException', 413), 'MESSAGE_TOO_LARGE', false],
    ['no credentials', sdkError('CredentialsProviderError'), 'UNAUTHORIZED', false],
    ['another refusal', sdkError('KMSDisabledException', 400), 'FORBIDDEN', false],
    ['an answer of another function', answering('hello'), 'CONNECT_FAILED', false],
    ['an answer of nothing', answering(null), 'CONNECT_FAILED', false],
  ])('an answer of Lambda: %s: %#', async (_, first, code, retryable) => {
    lambda.first = Array.from({ length: 9 }, () => first);
    const { error } = (await ended(as({ maxAttempts: 3 }).status('r1'))) as { error: StreamerError };

    expect(error).toBeInstanceOf(StreamerError);
    expect(error).toMatchObject({ code, retryable });
    expect(error.message).not.toContain('secret');
    expect(lambda.events).toHaveLength(retryable ? 3 : 1);
  });

  test('a call is repeated after random times that grow up to a bound', async () => {
    lambda.first = Array.from({ length: 20 }, () => sdkError('TooManyRequestsException', 429));
    const times: number[] = [];
    const { client } = lambda;
    const watched = {
      send: (command: never) => {
        times.push(lambda.clock.now());
        return client.send(command);
      },
    };
    const timing = { retryBaseMs: 1_000, retryMaxMs: 4_000 };
    await ended(as({ lambda: watched, timing, maxAttempts: 6 }).status('r1'));

    expect(times.slice(1).map((time, i) => time - times[i])).toEqual([500, 1_000, 2_000, 2_000, 2_000]);
  });
});
