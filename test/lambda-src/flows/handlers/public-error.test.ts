import { handlerError, publicError } from '../../../../lambda-src/flows/handlers/thrown';
import { HandlerError } from '../../../../lambda-src/handler';
import { StreamerError } from '../../../../lambda-src/protocol';
import { Bench } from '../../support/bench';

const linesOf = (thrown: unknown) => {
  const { log, lines } = new Bench();
  publicError(log, 'it failed', thrown);
  return lines;
};

test.each([
  new Error('secret'),
  new HandlerError('X', 'x', { cause: 'a cause' }),
])('a failure that the client does not receive completely is logged: %p', (thrown) => {
  expect(linesOf(thrown)).toEqual([{ level: 'error', message: 'it failed', fields: { error: thrown } }]);
});

test.each([
  ['no such name', "'no such name'"],
  [{ status: 503 }, '{ status: 503 }'],
  [undefined, 'undefined'],
  [null, 'null'],
])('a thrown value that is not an Error is logged as a string: %p', (thrown, message) => {
  expect(linesOf(thrown)).toEqual([{ level: 'error', message: 'it failed', fields: { error: { message } } }]);
});

test.each([
  new StreamerError('X', 'x'),
  new HandlerError('X', 'x', { details: { n: 1 } }),
])('an error that the client receives completely is not logged: %p', (thrown) => {
  expect(linesOf(thrown)).toEqual([]);
});

test('an error whose cause cannot be read is logged', () => {
  const thrown = Object.defineProperty(new HandlerError('X', 'x'), 'cause', {
    get: () => {
      throw new Error('no');
    },
  });

  expect(linesOf(thrown)).toHaveLength(1);
});

test.each<[thrown: unknown, shown: object]>([
  [new StreamerError('X', 'x', { details: { n: 1 } }), { code: 'X', message: 'x', details: { n: 1 } }],
  [new HandlerError('Y', 'y', { retryable: true }), { code: 'Y', message: 'y', retryable: true }],
  [new Error('secret'), { code: 'INTERNAL', message: expect.not.stringContaining('secret') }],
])('a client receives an error that is intended for it, and a neutral error instead of any other: %p', (thrown, shown) => {
  expect(publicError(new Bench().log, 'it failed', thrown).toWire()).toMatchObject(shown);
});

test.each([
  undefined,
  true,
  false,
])('a failure of a handler that is not intended for the client is HANDLER_ERROR, retryable: %p', (retryable) => {
  const { log, lines } = new Bench();
  const error = handlerError(log, new Error('secret'), retryable);

  expect(error.toWire()).toEqual({
    code: 'HANDLER_ERROR',
    message: 'The handler failed.',
    retryable: retryable ?? false,
  });
  expect(lines).toMatchObject([{ level: 'error', message: 'the handler failed' }]);
});

test('an error that a handler intends for the client keeps its own value of `retryable`', () => {
  const error = handlerError(new Bench().log, new HandlerError('X', 'x', { retryable: false }), true);

  expect(error.toWire()).toEqual({ code: 'X', message: 'x', retryable: false });
});
