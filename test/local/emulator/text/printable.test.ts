import fc from 'fast-check';
import { manyLines, oneLine, painted, withoutColors } from '../../../../local/emulator/text/printable';

const CONTROLS = [...Array(0x20).keys(), ...Array.from({ length: 0x21 }, (_, i) => 0x7f + i)];
const BIDI = [0x61c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069];
const SEPARATORS = [0x2028, 0x2029];
const UNSAFE = [...CONTROLS, ...BIDI, ...SEPARATORS].map((code) => String.fromCharCode(code));

const hostile = fc
  .array(
    fc.oneof(fc.constantFrom(...UNSAFE), fc.string({ unit: 'binary' }), fc.constantFrom('\u001b[31m', '\u001b[2K')),
  )
  .map((parts) => parts.join(''));
const found = (text: string, allowed = '') =>
  [...text].filter((char) => UNSAFE.includes(char) && !allowed.includes(char));

test.each([
  ['a title and a cleared line', '\u001b]0;X\u0007\r\u001b[2K', '\\u001b]0;X\\u0007\\r\\u001b[2K'],
  ['a C1 sequence', '\u009b2J', '\\u009b2J'],
  ['a turned direction', 'a\u202etxt.exe', 'a\\u202etxt.exe'],
  ['a separate line', 'ok\n12:00:00 run ready', 'ok\\n12:00:00 run ready'],
  ['ordinary text', 'Grüße, 世界 👋 C:\\temp', 'Grüße, 世界 👋 C:\\temp'],
])('%s is shown', (_name, text, shown) => {
  expect(oneLine(text)).toBe(shown);
});

test('no printed string can control a terminal', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(found(oneLine(text))).toEqual([]);
      expect(found(manyLines(text), '\n\t')).toEqual([]);
      expect(found(withoutColors(painted(text)), '\n\t')).toEqual([]);
    }),
  );
});

test('text without controls stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      fc.pre(found(text).length === 0);
      expect([oneLine(text), manyLines(text), painted(text)]).toEqual([text, text, text]);
    }),
  );
});

test('JSON stays JSON with the same value', () => {
  const json = fc.jsonValue({ stringUnit: 'binary' }).map((value) => ({ value, controls: UNSAFE.join('') }));
  fc.assert(
    fc.property(json, (value) => {
      expect(JSON.parse(oneLine(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)));
      expect(JSON.parse(manyLines(JSON.stringify(value, undefined, 2)))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('colors of this tool are kept, and colors of other output are removed', () => {
  expect(painted('\u001b[31mred\u001b[39m \u001b[2J')).toBe('\u001b[31mred\u001b[39m \\u001b[2J');
  expect(withoutColors('\u001b[1;38:5:3mbold\u001b[0m')).toBe('bold');
  expect(oneLine(withoutColors('\u001b[\u001b[0m2J'))).toBe('\\u001b[2J');
});
