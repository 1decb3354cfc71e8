import fc from 'fast-check';
import { LineSplitter, MAX_OUTPUT_LINE } from '../../../../local/emulator/lambda/line-splitter';

function split(chunks: readonly Buffer[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.write(chunk);
  splitter.end();
  return lines;
}

test('lines are the same wherever the output is divided into chunks', () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ''));
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.array(fc.nat(9)), (lines, end, sizes) => {
      const bytes = Buffer.from(lines.map((text) => text + end).join(''));
      const chunks: Buffer[] = [];
      let at = 0;
      for (const size of sizes) {
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      expect(split([...chunks, bytes.subarray(at)])).toEqual(lines);
    }),
  );
});

test('the last line needs no line feed', () => {
  expect(split([Buffer.from('a\nb')])).toEqual(['a', 'b']);
});

test('a line that is too long is truncated with a note, and the next line is complete', () => {
  const mebibyte = Buffer.alloc(1024 * 1024, 'a');
  const [first = '', ...rest] = split([...Array(600).fill(mebibyte), Buffer.from('\nnext\n')]);
  expect(first.startsWith('a'.repeat(MAX_OUTPUT_LINE))).toBe(true);
  expect(first.slice(MAX_OUTPUT_LINE)).toBe(' … [cut: lines of more than 262144 characters are not kept whole]');
  expect(rest).toEqual(['next']);
});
