import { encodeInput, encodeRequest } from '../../../../client-sdks/typescript/src/wire/encode';
import type { StreamerError } from '../../../../client-sdks/typescript/src/wire/errors';
import { validateMessage } from '../../../../lambda-src/protocol';

function codeOf(input: unknown): string | undefined {
  return errorOf(() => encodeRequest('r-1', 'report', input))?.code;
}

function errorOf(fn: () => unknown): StreamerError | undefined {
  try {
    fn();
    return undefined;
  } catch (error) {
    return error as StreamerError;
  }
}

const fail = (): never => {
  throw new Error('mine');
};
const cycle: Record<string, unknown> = {};
cycle.self = { cycle };
const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
const shared = { a: 1 };

describe('a start', () => {
  const encoded = (processAfter?: Date | number) =>
    JSON.parse(encodeRequest('r-1', 'report', undefined, { processAfter }));

  test.each([
    ['a date', new Date('2020-01-02T03:04:05.678Z'), 1_577_934_245_678],
    ['milliseconds', 1_577_934_245_678, 1_577_934_245_678],
    ['a fraction of a millisecond, which is not earlier', 1.5, 2],
  ])('a start is sent as milliseconds: %s', (_, processAfter, notBefore) => {
    const message = encoded(processAfter);
    expect(message).toEqual({ type: 'request', id: 'r-1', action: 'report', notBefore });
    expect(validateMessage(message, 'client')).toMatchObject({ ok: true });
  });

  test('a request without a start has no field for it', () => {
    expect(encoded()).toEqual({ type: 'request', id: 'r-1', action: 'report' });
  });

  test.each([
    new Date('soon'),
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    '2030-01-01',
    null,
  ])('a start that is no time is refused: %p', (processAfter) => {
    const error = errorOf(() => encodeRequest('r-1', 'report', 1, { processAfter: processAfter as never }));
    expect(error).toMatchObject({
      code: 'INVALID_MESSAGE',
      message: expect.stringContaining('`processAfter` must be'),
    });
  });
});

describe('a start that is too far ahead', () => {
  const day = 86_400_000;
  test.each([
    1e15,
    new Date(Date.now() + 367 * day),
  ])('a start at %p is refused with the name of the option', (time) => {
    expect(errorOf(() => encodeRequest('r-1', 'report', 1, { processAfter: time }))).toMatchObject({
      code: 'INVALID_MESSAGE',
      message: expect.stringMatching(/^`processAfter` must be at most 366 days ahead, got: \d+ ms since 1970\.$/),
    });
  });

  test('a start in 365 days is sent', () => {
    expect(() => encodeRequest('r-1', 'report', 1, { processAfter: Date.now() + 365 * day })).not.toThrow();
  });
});

test('a message to a request with an invalid id is refused with the name of the parameter', () => {
  expect(errorOf(() => encodeInput('m-1', 'no id', 'answer', 1))).toMatchObject({
    code: 'INVALID_MESSAGE',
    message: expect.stringContaining('`id` of the request must match'),
  });
});

describe('a priority class', () => {
  test('a priority class is sent with the request', () => {
    const message = JSON.parse(encodeRequest('r-1', 'report', undefined, { priority: 'high' }));
    expect(message).toEqual({ type: 'request', id: 'r-1', action: 'report', priority: 'high' });
  });

  test.each(['', '1st', 7, null])('an invalid name of a priority class is refused: %p', (priority) => {
    expect(errorOf(() => encodeRequest('r-1', 'report', 1, { priority: priority as never }))).toMatchObject({
      code: 'INVALID_MESSAGE',
      message: expect.stringContaining('`priority` must match'),
    });
  });
});

describe('a debounce rule', () => {
  test('a debounce rule is sent with the request, without unknown properties', () => {
    const debounce = { key: 'doc 7', waitMs: 500, maxWaitMs: 500, other: 1 };
    const message = JSON.parse(encodeRequest('r-1', 'report', undefined, { debounce }));
    expect(message).toMatchObject({ debounce: { key: 'doc 7', waitMs: 500, maxWaitMs: 500 } });
    expect(message.debounce).not.toHaveProperty('other');
    expect(validateMessage(message, 'client')).toMatchObject({ ok: true });
  });

  test.each<[unknown, string]>([
    [null, '`debounce` must be an object'],
    [{ key: '', waitMs: 1 }, '`debounce.key` must be'],
    [{ key: 'x'.repeat(129), waitMs: 1 }, '`debounce.key` must be'],
    [{ key: '\ud800', waitMs: 1 }, '`debounce.key` must be'],
    [{ key: 'k' }, '`debounce.waitMs` must be'],
    [{ key: 'k', waitMs: 0.5 }, '`debounce.waitMs` must be'],
    [{ key: 'k', waitMs: 86_400_001 }, '`debounce.waitMs` must be'],
    [{ key: 'k', waitMs: 2, maxWaitMs: 1 }, '`debounce.maxWaitMs` must be an integer from 2'],
  ])('an invalid debounce rule is refused: %p', (debounce, problem) => {
    expect(errorOf(() => encodeRequest('r-1', 'report', 1, { debounce: debounce as never }))).toMatchObject({
      code: 'INVALID_MESSAGE',
      message: expect.stringContaining(problem),
    });
  });

  test('a debounce rule together with `processAfter` is refused', () => {
    const fields = { debounce: { key: 'k', waitMs: 1 }, processAfter: 1 };
    expect(errorOf(() => encodeRequest('r-1', 'report', 1, fields))).toMatchObject({ code: 'INVALID_MESSAGE' });
  });
});

describe('The client refuses an input that JSON cannot hold', () => {
  test.each([
    ['a function', () => 1],
    ['a function inside', { a: { b: () => 1 } }],
    ['a bigint', 1n],
    ['a symbol', { a: Symbol('x') }],
    ['undefined in an array', [undefined]],
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
    ['a hole in an array', [1, , 2]],
    ['NaN', { a: Number.NaN }],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['a cycle', cycle],
    ['a Map', { a: new Map() }],
    ['a typed array', new Uint8Array(2)],
    ['half a surrogate pair', { a: '\ud800' }],
    ['a key with half a surrogate pair', { '\udc00': 1 }],
    ['an invalid date', { at: new Date(Number.NaN) }],
    ['what is an invalid date by another name', { toJSON: () => null, valueOf: () => Number.NaN }],
    ['a getter that throws', Object.defineProperty({}, 'a', { enumerable: true, get: fail })],
    ['a `toJSON` that throws', { a: { toJSON: fail } }],
    ['a getter of `toJSON` that throws', Object.defineProperty({}, 'toJSON', { get: fail })],
    ['a proxy that throws', new Proxy({}, { ownKeys: fail })],
    ['an item that throws', Object.defineProperty([], 0, { enumerable: true, get: fail })],
    ['a huge hole', new Array(2 ** 32 - 1)],
  ])('The client refuses an input that JSON cannot hold: %s', (_, input) => {
    expect(codeOf(input)).toBe('INVALID_INPUT');
  });

  test('The refusal of an input names the path', () => {
    const error = errorOf(() => encodeRequest('r-1', 'report', { rows: [{ n: 1 }, { n: 2n }] }));
    expect(error?.message).toBe('`rows.1.n` of the input is of type bigint, which JSON cannot represent.');
    expect(error?.details).toEqual({ issues: [{ path: 'rows.1.n', message: expect.any(String) }] });
  });
});

test('If reading an input throws, the error is the cause of the refusal, which names the path', () => {
  const error = errorOf(() => encodeRequest('r-1', 'report', { rows: [{ at: { toJSON: fail } }] }));
  expect(error).toMatchObject({ name: 'StreamerError', code: 'INVALID_INPUT', cause: new Error('mine') });
  expect(error?.details).toEqual({ issues: [{ path: 'rows.0.at', message: expect.any(String) }] });
});

test('An input is read once, so it cannot change between the check and the sending', () => {
  let reads = 0;
  const input = Object.defineProperty({}, 'n', { enumerable: true, get: () => (++reads === 1 ? 1 : 2n) });
  expect(JSON.parse(encodeRequest('r-1', 'report', input)).input).toEqual({ n: 1 });
});

test('The size of a message is measured in UTF-8', () => {
  for (const char of ['x', '\x7f', '\x80', 'ü', '\u07ff', '\u0800', '€', '\uffff', '👋']) {
    const empty = Buffer.byteLength(encodeRequest('r-1', 'report', ''));
    const fits = Math.floor((32_768 - empty) / Buffer.byteLength(char));
    expect(Buffer.byteLength(encodeRequest('r-1', 'report', char.repeat(fits)))).toBeLessThanOrEqual(32_768);
    expect(codeOf(char.repeat(fits + 1))).toBe('MESSAGE_TOO_LARGE');
  }
});

describe('The client sends what JSON can hold', () => {
  test.each([
    ['nothing', undefined, undefined],
    ['null', null, null],
    ['an optional field that is undefined', { a: 1, b: undefined }, { a: 1 }],
    ['a date, as its text', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['null that is meant', { a: { toJSON: () => null } }, { a: null }],
    ['the same object twice', [shared, shared], [{ a: 1 }, { a: 1 }]],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ])('The client sends what JSON can hold: %s', (_, input, sent) => {
    expect(JSON.parse(encodeRequest('r-1', 'report', input)).input).toEqual(sent);
  });
});

describe("The client's own checks agree with the server's", () => {
  test("The client's own checks agree with the server's on depth", () => {
    expect(validateMessage(encodeRequest('r-1', 'report', nested(31)), 'client').ok).toBe(true);
    expect(codeOf(nested(32))).toBe('TOO_DEEP');
  });

  test("The client's own checks agree with the server's on forbidden keys", () => {
    expect(codeOf(JSON.parse('{"a":{"__proto__":1}}'))).toBe('FORBIDDEN_KEY');
    expect(codeOf({ constructor: { prototype: {} } })).toBe('FORBIDDEN_KEY');
    expect(codeOf({ constructor: null })).toBeUndefined();
  });

  test("The client's own checks agree with the server's on the last byte of a frame, counted as UTF-8", () => {
    const rest = encodeRequest('r-1', 'report', '').length;
    const fits = 'é'.repeat(Math.floor((32_768 - rest) / 2));
    expect(validateMessage(encodeRequest('r-1', 'report', fits), 'client').ok).toBe(true);
    expect(codeOf(`${fits}é`)).toBe('MESSAGE_TOO_LARGE');
  });

  test.each([
    '',
    'a b',
    'x'.repeat(65),
    7,
    undefined,
  ])("The client's own checks agree with the server's on the id %p", (id) => {
    expect(errorOf(() => encodeRequest(id as string, 'report', 1))?.code).toBe('INVALID_MESSAGE');
  });

  test.each([
    '',
    '1st',
    '$attempt',
    'a'.repeat(65),
  ])("The client's own checks agree with the server's on the action %p", (action) => {
    expect(errorOf(() => encodeRequest('r-1', action, 1))?.code).toBe('INVALID_MESSAGE');
  });
});
