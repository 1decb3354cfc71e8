import fc from 'fast-check';
import { validateMessage } from '../../../../lambda-src/protocol';
import { jsonProblem } from '../../../../local/console/web/logic/json-problem';
import { checkMessage, type MessageForm, newId } from '../../../../local/console/web/logic/message';

const FORM: MessageForm = { kind: 'request', action: 'echo', id: 'r-1', input: '{"a": 1}', offset: '0', raw: 'x' };

const textOf = (form: Partial<MessageForm>) => {
  const checked = checkMessage({ ...FORM, ...form });
  return checked.ok ? checked.text : checked.problems;
};

test('the server accepts each kind of message', () => {
  expect(textOf({})).toBe('{"type":"request","id":"r-1","action":"echo","input":{"a":1}}');
  expect(textOf({ input: ' ' })).toBe('{"type":"request","id":"r-1","action":"echo"}');
  expect(textOf({ kind: 'attach', offset: '3' })).toBe('{"type":"attach","id":"r-1","offset":3}');
  expect(textOf({ kind: 'ping' })).toBe('{"type":"ping"}');
  for (const kind of ['request', 'attach', 'ping'] as const) {
    expect(validateMessage(String(textOf({ kind })), 'client')).toMatchObject({ ok: true });
  }
});

test('a raw message is sent as it is written, if it is JSON', () => {
  expect(textOf({ kind: 'raw', raw: '{ "type": "unknown" }' })).toBe('{ "type": "unknown" }');
  expect(textOf({ kind: 'raw', raw: '{' })).toEqual({ raw: expect.stringContaining('not JSON') });
});

test('a mistake is reported at its field', () => {
  expect(textOf({ action: '', id: 'no spaces' })).toEqual({
    action: 'which action?',
    id: 'letters, digits, - and _ only',
  });
  expect(textOf({ action: '9lives' })).toHaveProperty('action');
  expect(textOf({ id: 'x'.repeat(65) })).toEqual({ id: 'at most 64 characters' });
  expect(textOf({ kind: 'attach', offset: '-1' })).toEqual({ offset: 'a whole number from 0' });
  expect(textOf({ input: JSON.stringify('é'.repeat(17_000)) })).toEqual({
    input: expect.stringContaining('the maximum size of a frame is 32768'),
  });
});

test('new ids are ids of the protocol', () => {
  const ids = Array.from({ length: 200 }, () => newId());
  expect(new Set(ids).size).toBe(200);
  for (const id of ids) expect(textOf({ id })).toEqual(expect.any(String));
  expect(newId(() => 0.999999)).toHaveLength(10);
});

test('a string is JSON exactly if JSON.parse accepts it', () => {
  const pieces = fc.constantFrom(...'{}[]:,"\\ \n\t01-.eE', 'true', 'null', '"a"', '1.5', '\\u00e9', '\u0001', 'é');
  const rubbish = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));
  const cut = fc.json().chain((text) => fc.nat({ max: text.length }).map((at) => text.slice(0, at)));
  fc.assert(
    fc.property(fc.oneof(fc.json(), rubbish, cut), (text) => {
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      expect(jsonProblem(text) === undefined).toBe(valid);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['{\n  "text": hello\n}', 'line 2, column 11: expected a value'],
  ['{"a": 1,}', 'line 1, column 9: expected a name in double quotes'],
  ["{'a': 1}", 'line 1, column 2: expected a name in double quotes or }'],
  ['[1 2]', 'line 1, column 4: expected a comma or ]'],
  ['{"a" 1}', 'line 1, column 6: expected a colon'],
  ['{"a": 1} x', 'line 1, column 10: expected nothing more'],
  ['', 'line 1, column 1: expected a value'],
])('%j: %s', (text, problem) => {
  expect(jsonProblem(text)).toBe(`not JSON at ${problem}`);
});
