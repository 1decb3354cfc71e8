import fc from 'fast-check';
import { CONSTANTS, type Direction, validateMessage } from '../../../lambda-src/protocol';

const RUNS = { numRuns: 2000 };
const direction = fc.constantFrom<Direction>('client', 'server');
const validate = (raw: unknown, from: Direction) =>
  from === 'client' ? validateMessage(raw, 'client') : validateMessage(raw, 'server');

/** Checks the result: it is valid, or it has an error with a code of the protocol that may itself be sent. */
function expectVerdict(raw: unknown, from: Direction) {
  const result = validate(raw, from);
  if (result.ok) return;
  expect(Object.keys(CONSTANTS.errors)).toContain(result.error.code);
  expect(validateMessage({ type: 'error', id: result.id, for: result.for, error: result.error }, 'server').ok).toBe(
    true,
  );
}

/** Objects that resemble messages: real types and field names, with any values. */
const nearMessage = fc
  .tuple(
    fc.constantFrom(...CONSTANTS.clientTypes, ...CONSTANTS.serverTypes, 'nope', '__proto__'),
    fc.dictionary(
      fc.constantFrom('id', 'action', 'input', 'offset', 'v', 'trace', 'error', 'entries', 'progress', 'for', 'topic'),
      fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.double(), fc.anything()),
    ),
  )
  .map(([type, rest]) => ({ type, ...rest }));

const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/);
const json = fc.jsonValue({ maxDepth: 6, noUnicodeString: false });
const offset = fc.maxSafeNat();
const optional = {
  requiredKeys: ['type', 'id', 'action', 'offset', 'run', 'attempt', 'fence', 'seq', 'afterOffset', 'name', 'result'],
};
const record = (model: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(model, { requiredKeys: optional.requiredKeys.filter((key) => key in model) });
const positive = fc.integer({ min: 1 });

const clientMessage = fc.oneof(
  record({ type: fc.constant('request'), id, action: name, input: json, v: fc.constant(1) }),
  record({ type: fc.constant('attach'), id, offset, epoch: fc.stringMatching(/^[!-~]{1,64}$/) }),
  record({ type: fc.constant('cancel'), id, reason: fc.string({ unit: 'grapheme', maxLength: 50 }) }),
);
const serverMessage = fc.oneof(
  record({ type: fc.constant('response'), id, result: json }),
  record({
    type: fc.constant('event'),
    id,
    offset,
    run: positive,
    attempt: positive,
    fence: positive,
    name,
    data: json,
  }),
  record({
    type: fc.constant('progress'),
    id,
    run: positive,
    attempt: positive,
    fence: positive,
    seq: offset,
    afterOffset: offset,
    percentage: fc.double({ min: 0, max: 100, noNaN: true }).map((p) => (p === 0 ? 0 : p)),
    message: fc.string({ unit: 'grapheme', maxLength: 50 }),
  }),
);

/** Whether a string is valid JSON with forbidden keys. The generator sometimes creates such keys. */
const isForbidden = (text: string) => /"__proto__"|"constructor"/.test(text);

describe('validateMessage', () => {
  test('validateMessage returns a verdict for any string', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), direction, expectVerdict), RUNS);
  });

  test('validateMessage returns a verdict for any bytes that a gateway decoded', () => {
    const decoded = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('utf8'));
    fc.assert(fc.property(decoded, direction, expectVerdict), RUNS);
  });

  test('validateMessage returns a verdict for any JSON, as a string and as a value', () => {
    const verdicts = (value: unknown, from: Direction) => {
      expectVerdict(JSON.stringify(value), from);
      expectVerdict(value, from);
    };
    fc.assert(fc.property(fc.oneof(fc.jsonValue(), nearMessage.map(toJson)), direction, verdicts), RUNS);
  });

  test('validateMessage returns a verdict for any JavaScript value', () => {
    const anything = fc.oneof(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
        withNullPrototype: true,
      }),
      nearMessage,
    );
    fc.assert(fc.property(anything, direction, expectVerdict), RUNS);
  });

  test.each([
    ['client', clientMessage],
    ['server', serverMessage],
  ] as const)('validateMessage returns a valid message of a %s unchanged', (from, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (message) => {
        const text = JSON.stringify(message);
        fc.pre(Buffer.byteLength(text) <= CONSTANTS.limits.clientFrameBytes && !isForbidden(text));

        expect(validate(text, from)).toEqual({ ok: true, kind: 'message', message: JSON.parse(text) });
      }),
      RUNS,
    );
  });

  test('validateMessage drops every field that the protocol does not know', () => {
    const unknown = fc.dictionary(fc.stringMatching(/^x-[a-z]{1,8}$/), fc.jsonValue());
    fc.assert(
      fc.property(clientMessage, unknown, (message, extra) => {
        const plain = JSON.stringify(message);
        const text = JSON.stringify({ ...extra, ...message });
        fc.pre(Buffer.byteLength(text) <= CONSTANTS.limits.clientFrameBytes && !isForbidden(text));

        expect(validate(text, 'client')).toEqual(validate(plain, 'client'));
      }),
      RUNS,
    );
  });
});

function toJson(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    return null;
  }
}
