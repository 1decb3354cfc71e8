import type { Direction } from '../../lambda-src/protocol';
import { CONSTANTS, validateMessage } from '../../lambda-src/protocol';
import {
  type GatewayVector,
  type InvalidVector,
  type MessageVector,
  readMessages,
  textOf,
  type ValidVector,
} from './vectors';

const validate = (raw: unknown, direction: Direction) =>
  direction === 'client' ? validateMessage(raw, 'client') : validateMessage(raw, 'server');

const valid = readMessages<ValidVector>('valid');
const invalid = readMessages<InvalidVector>('invalid');
const gateway = readMessages<GatewayVector>('gateway');

describe('messages/valid.json', () => {
  test.each(valid)('a $direction may send: $name', ({ raw, direction, message }) => {
    const text = textOf(raw);
    const expected = message ?? JSON.parse(text);

    const result = validate(text, direction);

    expect(result).toEqual({ ok: true, kind: 'message', message: expected });
  });

  test.each(valid)('the validated message is valid again, as text and as a value: $name', ({ raw, direction }) => {
    const first = validate(textOf(raw), direction);
    if (!first.ok || first.kind !== 'message') throw new Error('not valid');

    expect(validate(JSON.stringify(first.message), direction)).toEqual(first);
    expect(validate(first.message, direction)).toEqual(first);
  });

  test('messages/valid.json shows every type of both directions', () => {
    const types = (direction: Direction) => [
      ...new Set(valid.filter((v) => v.direction === direction).map((v) => JSON.parse(textOf(v.raw)).type)),
    ];

    expect(types('client').sort()).toEqual([...CONSTANTS.clientTypes].sort());
    expect(types('server').sort()).toEqual([...CONSTANTS.serverTypes].sort());
  });
});

describe('messages/invalid.json', () => {
  test.each(invalid)('$code answers $direction: $name', ({ raw, direction, code, id, topic, path }) => {
    const result = validate(textOf(raw), direction);

    if (result.ok) throw new Error('was accepted');
    expect(result.error).toMatchObject({ code, retryable: false });
    expect(result.id).toBe(id);
    expect(result.topic).toBe(topic);
    if (path !== undefined) expect(result.error.details).toMatchObject({ issues: expect.anything() });
    if (path !== undefined) expect((result.error.details as { issues: { path: string }[] }).issues[0]?.path).toBe(path);
  });

  test.each(invalid)('the refusal itself may be sent: $name', ({ raw, direction }) => {
    const result = validate(textOf(raw), direction);
    if (result.ok) throw new Error('was accepted');

    const refusal = { type: 'error', id: result.id, topic: result.topic, for: result.for, error: result.error };

    expect(validateMessage(JSON.stringify(refusal), 'server')).toMatchObject({ ok: true, kind: 'message' });
  });

  test('messages/invalid.json shows every code that validation can give', () => {
    const codes = [...new Set(invalid.map((vector) => vector.code))].sort();

    expect(codes).toEqual([
      'FORBIDDEN_KEY',
      'INVALID_JSON',
      'INVALID_MESSAGE',
      'MESSAGE_TOO_LARGE',
      'TOO_DEEP',
      'UNKNOWN_TYPE',
      'UNSUPPORTED_VERSION',
    ]);
  });
});

describe('messages/gateway.json', () => {
  test.each(gateway)('messages/gateway.json: $name', ({ raw, direction, gateway: isGateway, code }) => {
    const result = validate(textOf(raw), direction);

    if (isGateway) {
      const { message, connectionId, requestId } = JSON.parse(textOf(raw));
      expect(result).toEqual({ ok: true, kind: 'gateway', gateway: { message, connectionId, requestId } });
    } else {
      expect(result).toMatchObject({ ok: false, error: { code } });
    }
  });
});

test.each([
  ['client', CONSTANTS.limits.clientFrameBytes],
  ['server', CONSTANTS.limits.serverMessageBytes],
])('a %s has vectors at the limit of its bytes and one byte above', (direction, limit) => {
  const bytes = (vectors: MessageVector[]) =>
    vectors.filter((v) => v.direction === direction).map((v) => Buffer.byteLength(textOf(v.raw)));

  expect(bytes(valid)).toContain(limit);
  expect(bytes(invalid)).toContain(limit + 1);
});

test.each([
  ['valid', valid],
  ['invalid', invalid],
  ['gateway', gateway],
])('names in messages/%s.json are unique', (_, vectors) => {
  const names = vectors.map((vector) => vector.name);

  expect(new Set(names).size).toBe(names.length);
});
