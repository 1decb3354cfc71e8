import { fromWire, isFinal, StreamerError } from '../../../../client-sdks/typescript/src/wire/errors';
import { CONSTANTS } from '../../../../lambda-src/protocol';

test.each(Object.entries(CONSTANTS.errors))('%s is as retryable as the protocol defines', (code, { retryable }) => {
  expect(new StreamerError(code, 'text').retryable).toBe(retryable);
});

test("a handler's own code is not retryable, unless it specifies it", () => {
  expect(new StreamerError('OUT_OF_PAPER', 'text').retryable).toBe(false);
  expect(new StreamerError('OUT_OF_PAPER', 'text', { retryable: true }).retryable).toBe(true);
});

test('an error from a message keeps all of its fields', () => {
  const wire = { code: 'UNAVAILABLE', message: 'Later.', retryable: false, details: { a: 1 }, retryAfter: 3 };
  const error = fromWire(wire);
  expect(error).toBeInstanceOf(Error);
  expect({ ...error, message: error.message }).toMatchObject(wire);
  expect(error.name).toBe('StreamerError');
});

test('a refused start is described with the name of the option', () => {
  const message = '`notBefore` must be absent: a sync action runs at once.';
  const details = { issues: [{ path: 'notBefore', message: 'must be absent: a sync action runs at once' }] };
  const error = fromWire({ code: 'INVALID_MESSAGE', message, retryable: false, details });
  expect(error.message).toBe('`processAfter` must be absent: a sync action runs at once.');
  expect(error.details).toMatchObject({ issues: [{ path: 'processAfter' }] });
  expect(fromWire({ code: 'HANDLER_ERROR', message, retryable: false, details })).toMatchObject({ message, details });
});

test('a cause is kept, and absent where there is none', () => {
  const cause = new Error('why');
  expect(new StreamerError('INTERNAL', 'text', { cause }).cause).toBe(cause);
  expect('cause' in new StreamerError('INTERNAL', 'text')).toBe(false);
});

test.each<[string, unknown, boolean]>([
  ['one that is not retryable', new StreamerError('UNAUTHORIZED', ''), true],
  ['one that is', new StreamerError('UNAVAILABLE', ''), false],
  [
    'one of another copy of this module',
    Object.assign(new Error(''), { name: 'StreamerError', retryable: false }),
    true,
  ],
  ['another error', Object.assign(new Error(''), { retryable: false }), false],
  ['what is no error', { name: 'StreamerError', retryable: false }, false],
  ['nothing', undefined, false],
])('isFinal of the value: %s', (_name, thrown, final) => {
  expect(isFinal(thrown)).toBe(final);
});
