import { readEnv, readJson, readLimits, tableNames } from '../../../lambda-src/runtime/config';

const env = {
  STREAMER_CALLBACK_URL: 'https://x',
  STREAMER_LIMITS: '{"a":1}',
  STREAMER_EVENTS_TABLE: 'events',
  STREAMER_FUNCTIONS: '{',
};

test('a variable that is set is read', () => {
  expect(readEnv(['callbackUrl', 'eventsTable'], env)).toEqual({ callbackUrl: 'https://x', eventsTable: 'events' });
  expect(readJson('limits', env)).toEqual({ a: 1 });
});

test('one error names all missing variables, including empty ones', () => {
  expect(() => readEnv(['callbackUrl', 'queueUrl', 'jwtIssuer'], { ...env, STREAMER_QUEUE_URL: '' })).toThrow(
    'missing environment variables: STREAMER_QUEUE_URL, STREAMER_JWT_ISSUER',
  );
});

test('the error for a variable that is not JSON names it without its value', () => {
  expect(() => readJson('functions', env)).toThrow(/^STREAMER_FUNCTIONS is not JSON$/);
});

test('a function has the names of the tables that it was granted', () => {
  expect(tableNames(env)).toEqual({
    connections: undefined,
    requests: undefined,
    subscriptions: undefined,
    events: 'events',
  });
});

test('limits are those that the construct set, or the defaults', () => {
  expect(readLimits({ STREAMER_LIMITS: '{"maxInputBytes":5,"maxEvents":2}' })).toEqual({
    maxInputBytes: 5,
    maxEvents: 2,
  });
  expect(readLimits({})).toEqual({ maxEvents: 10_000 });
});
