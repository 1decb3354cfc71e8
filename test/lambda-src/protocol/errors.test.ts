import { HandlerError } from '../../../lambda-src/handler';
import {
  CONSTANTS,
  isShowable,
  type Json,
  refusalFrame,
  STREAMER_ERROR,
  StreamerError,
  toStreamerError,
  validateMessage,
} from '../../../lambda-src/protocol';

const isSendable = (error: StreamerError) => validateMessage(refusalFrame(error.toWire()), 'server').ok;

describe('StreamerError', () => {
  test.each(Object.entries(CONSTANTS.errors))('%s is as retryable as the table defines', (code, { retryable }) => {
    expect(new StreamerError(code, 'x').retryable).toBe(retryable);
  });

  test("a handler's own code is not retryable unless the handler specifies it", () => {
    expect(new StreamerError('NO_DATA', 'x').retryable).toBe(false);
    expect(new StreamerError('NO_DATA', 'x', { retryable: true }).retryable).toBe(true);
  });

  test('StreamerError shows everything but its cause', () => {
    const error = new StreamerError('RATE_LIMITED', 'Slow down.', {
      cause: new Error('secret'),
      details: { limit: 5 },
      retryAfter: 2,
    });

    expect(error.cause).toEqual(new Error('secret'));
    expect(error.toWire()).toEqual({
      code: 'RATE_LIMITED',
      message: 'Slow down.',
      retryable: true,
      details: { limit: 5 },
      retryAfter: 2,
    });
  });

  test('StreamerError is an Error with a name and a stack', () => {
    const error = new StreamerError('INTERNAL', 'x');

    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toBe('StreamerError: x');
    expect(error.stack).toContain('errors.test');
  });

  const cycle: { [key: string]: Json } = {};
  cycle.self = cycle;
  test.each([
    ['a code of another form', new StreamerError('not-found', 'x'), { code: 'HANDLER_ERROR' }],
    [
      'a long text',
      new StreamerError('A', 'é'.repeat(9000)),
      { message: 'é'.repeat(CONSTANTS.limits.errorMessageChars) },
    ],
    ['a lone surrogate', new StreamerError('A', 'a\ud800b'), { message: 'a\ufffdb' }],
    ['details with a cycle', new StreamerError('A', 'x', { details: cycle }), {}],
    ['details that are no JSON', new StreamerError('A', 'x', { details: (() => 1) as unknown as Json }), {}],
    ['details too long', new StreamerError('A', 'x', { details: 'x'.repeat(200_000) }), {}],
    ['a wait that is no number', new StreamerError('A', 'x', { retryAfter: Number.NaN }), {}],
    ['a negative wait', new StreamerError('A', 'x', { retryAfter: -1 }), {}],
  ])('StreamerError can be sent whatever a handler put into it: %s', (_, error, expected) => {
    expect(isSendable(error)).toBe(true);
    expect(error.toWire()).toMatchObject(expected);
    expect(error.toWire()).not.toHaveProperty('details');
    expect(error.toWire()).not.toHaveProperty('retryAfter');
  });

  test('StreamerError never truncates inside a character', () => {
    const text = `${'x'.repeat(CONSTANTS.limits.errorMessageChars - 1)}\u{1f680}`;

    expect(new StreamerError('A', text).toWire().message).toBe('x'.repeat(CONSTANTS.limits.errorMessageChars - 1));
  });
});

describe('toStreamerError', () => {
  test('toStreamerError returns a StreamerError unchanged', () => {
    const error = new StreamerError('NOT_FOUND', 'x');

    expect(toStreamerError(error)).toBe(error);
  });

  test.each([
    ['an Error', new Error('the password is 1234')],
    ['a string', 'the password is 1234'],
    ['undefined', undefined],
    ['an object with a code', { code: 'NOT_FOUND', message: 'the password is 1234' }],
  ])('toStreamerError hides %s from the client, and keeps it as the cause for the log', (_, thrown) => {
    const error = toStreamerError(thrown);

    expect(error.toWire()).toMatchObject({ code: 'INTERNAL', retryable: true });
    expect(JSON.stringify(error.toWire())).not.toContain('1234');
    expect(error.cause).toBe(thrown);
  });

  test('toStreamerError recognizes the error of another copy of this module by its mark', () => {
    const foreign = Object.assign(new Error('No data.'), {
      [STREAMER_ERROR]: true,
      code: 'NO_DATA',
      retryable: true,
      details: { year: 2024 },
      retryAfter: 3,
    });

    const error = toStreamerError(foreign);

    expect(error.toWire()).toEqual({
      code: 'NO_DATA',
      message: 'No data.',
      retryable: true,
      details: { year: 2024 },
      retryAfter: 3,
    });
    expect(error.cause).toBe(foreign);
  });
});

test('refusalFrame names the refused message', () => {
  const error = new StreamerError('NOT_FOUND', 'x').toWire();

  expect(refusalFrame(error, { id: 'r-1', for: 'attach' })).toEqual({ type: 'error', id: 'r-1', for: 'attach', error });
  expect(refusalFrame(error)).toEqual({ type: 'error', error });
});

describe('numbers that come from handlers', () => {
  test.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e15,
    86_401,
    -1,
    '5',
    null,
    {},
  ])('a retryAfter of %p is ignored', (retryAfter) => {
    const error = new StreamerError('BUSY', 'x', { retryAfter: retryAfter as number });

    expect(error.retryAfter).toBeUndefined();
    expect(error.toWire()).toEqual({ code: 'BUSY', message: 'x', retryable: false });
  });

  test.each([0, 0.5, 86_400])('a retryAfter of %p is kept', (retryAfter) => {
    expect(new StreamerError('BUSY', 'x', { retryAfter }).toWire()).toMatchObject({ retryAfter });
  });
});

describe('errors that throw when they are read', () => {
  const boom = () => {
    throw new Error('boom');
  };

  test.each([
    ['a proxy', new Proxy({}, { get: boom })],
    ['a message', Object.defineProperty(new HandlerError('X', 'x'), 'message', { get: boom })],
    ['a code', Object.defineProperty(new HandlerError('X', 'x'), 'code', { get: boom })],
  ])('errors that throw when they are read are not shown: %s', (_, thrown) => {
    expect(isShowable(thrown)).toBe(false);
    const { code, cause } = toStreamerError(thrown);
    expect([code, cause === thrown]).toEqual(['INTERNAL', true]);
  });

  test.each([
    { toJSON: boom },
    Object.defineProperty({}, 'a', { get: boom, enumerable: true }),
  ])('errors that throw when they are read are shown without details that throw', (details) => {
    expect(toStreamerError(new HandlerError('X', 'x', { details })).toWire()).toEqual({
      code: 'X',
      message: 'x',
      retryable: false,
    });
  });
});
