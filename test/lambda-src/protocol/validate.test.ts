import { CONSTANTS, validateMessage } from '../../../lambda-src/protocol';

const request = { type: 'request', id: 'r-1', action: 'echo' };

describe('validateMessage on a value that is about to be sent', () => {
  test('validateMessage on a value that is about to be sent drops fields that are undefined, as JSON does', () => {
    const result = validateMessage({ ...request, trace: undefined, input: { a: 1, b: undefined } }, 'client');

    expect(JSON.stringify(result)).toBe(
      '{"ok":true,"kind":"message","message":{"type":"request","id":"r-1","action":"echo","input":{"a":1}}}',
    );
  });

  test.each([
    ['NaN', Number.NaN, 'input.value'],
    ['a function', () => 1, 'input.value'],
    ['a bigint', 1n, 'input.value'],
    ['a symbol', Symbol('x'), 'input.value'],
    ['a date', new Date(0), 'input.value'],
    ['a map', new Map(), 'input.value'],
    ['bytes', new Uint8Array(2), 'input.value'],
    ['an array with a hole', new Array(1), 'input.value'],
    ['an undefined item', [undefined], 'input.value.0'],
    ['a lone surrogate', '\ud800', 'input.value'],
  ])('validateMessage rejects %s and names the path', (_, value, path) => {
    const result = validateMessage({ ...request, input: { value } }, 'client');

    expect(result).toMatchObject({
      ok: false,
      id: 'r-1',
      for: 'request',
      error: { code: 'INVALID_MESSAGE', details: { issues: [{ path }] } },
    });
  });

  test('validateMessage on a value that is about to be sent refuses a cycle as too deep', () => {
    const cycle: Record<string, unknown> = {};
    cycle.a = cycle;
    cycle.b = cycle;

    expect(validateMessage({ ...request, input: cycle }, 'client')).toMatchObject({ error: { code: 'TOO_DEEP' } });
  });

  test('validateMessage refuses shared values that would become too large when serialized, without serializing them', () => {
    let value: unknown = 1;
    for (let level = 0; level < 28; level++) value = [value, value];

    expect(validateMessage({ ...request, input: value }, 'client')).toMatchObject({
      error: { code: 'MESSAGE_TOO_LARGE' },
    });
  });

  test('validateMessage measures a value in the form of the frame that it will become', () => {
    const overhead = JSON.stringify({ ...request, input: '' }).length;
    const sized = (bytes: number) => validateMessage({ ...request, input: 'x'.repeat(bytes - overhead) }, 'client').ok;

    expect(sized(CONSTANTS.limits.clientFrameBytes)).toBe(true);
    expect(sized(CONSTANTS.limits.clientFrameBytes + 1)).toBe(false);
  });

  test.each([undefined, null, 5, Buffer.from('{}'), []])('validateMessage refuses %p, which is not a frame', (raw) => {
    expect(validateMessage(raw, 'server')).toMatchObject({ ok: false });
  });
});

describe('the refusal', () => {
  const refusal = (raw: unknown) => {
    const result = validateMessage(raw, 'client');
    if (result.ok) throw new Error('was accepted');
    return result;
  };

  test('the refusal names the mistake and the remedy', () => {
    const { error } = refusal('{"type":"attach","id":"r-1","offset":-1}');

    expect(error).toEqual({
      code: 'INVALID_MESSAGE',
      message: 'The message does not fit its type: `offset` must be an integer from 0 to 2^53 - 1.',
      retryable: false,
      details: { issues: [{ path: 'offset', message: 'must be an integer from 0 to 2^53 - 1' }] },
    });
  });

  test('the refusal distinguishes a wrong field from a missing one', () => {
    const { error } = refusal('{"type":"request","id":7}');

    expect(error.details).toEqual({
      issues: [
        { path: 'id', message: 'must be a string of 1 to 64 characters out of A-Z a-z 0-9 _ -' },
        { path: 'action', message: 'is required' },
      ],
    });
  });

  test('the refusal names five issues at most', () => {
    const result = validateMessage('{"type":"ack"}', 'server');

    expect(result).toMatchObject({ ok: false });
    expect(result.ok === false && result.error.details).toMatchObject({
      issues: [{ path: 'id' }, { path: 'status' }, { path: 'epoch' }, { path: 'ref' }, { path: 'offset' }],
    });
  });

  test('the refusal never repeats a value, least of all a token', () => {
    const { error } = refusal('{"type":"auth.refresh","token":"very secret"}');

    expect(error.code).toBe('INVALID_MESSAGE');
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  test('the refusal truncates a path that is too long', () => {
    const { error } = refusal(
      JSON.stringify({ ...request, input: { ['k'.repeat(5000)]: { a: 0 } } }).replace('"a"', '"__proto__"'),
    );

    expect(error.code).toBe('FORBIDDEN_KEY');
    expect(JSON.stringify(error).length).toBeLessThan(700);
  });

  test('the refusal names the id only if it is valid, and the type only if it is known', () => {
    expect(refusal('{"type":"hello","id":"a b"}')).toEqual({ ok: false, error: expect.anything() });
    expect(refusal('{"type":"cancel","id":"r-1","reason":5}')).toMatchObject({ id: 'r-1', for: 'cancel' });
  });
});

test('a hostile frame changes no prototype', () => {
  validateMessage('{"type":"request","id":"r","action":"a","input":{"__proto__":{"admin":true}}}', 'client');
  validateMessage(
    '{"type":"request","id":"r","action":"a","input":{"constructor":{"prototype":{"admin":true}}}}',
    'client',
  );

  expect(({} as Record<string, unknown>).admin).toBeUndefined();
});
