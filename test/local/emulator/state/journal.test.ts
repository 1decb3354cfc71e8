import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { Journal, type JournalEntry } from '../../../../local/emulator/state/journal';

const folder = mkdtempSync(join(tmpdir(), 'journal-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
const newFile = () => join(folder, `journal-${count++}.log`);

function write(first: readonly JournalEntry[], later: readonly JournalEntry[] = []): { file: string; ends: number[] } {
  const file = newFile();
  const journal = Journal.create(file, first);
  const ends = [journal.bytes];
  for (const [slot, record] of later) {
    journal.append(slot, record);
    ends.push(journal.bytes);
  }
  journal.close();
  return { file, ends };
}

const entry: fc.Arbitrary<JournalEntry> = fc.tuple(
  fc.constantFrom('sqs', 'dynamodb'),
  fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value))),
);

test('an entry that was written is read, with any content', () => {
  fc.assert(
    fc.property(fc.array(entry), fc.array(entry), (first, later) => {
      expect(Journal.read(write(first, later).file)).toEqual([...first, ...later]);
    }),
    { numRuns: 50 },
  );
});

test('if a file is cut off at any position, each complete record is read, and writing continues', () => {
  fc.assert(
    fc.property(fc.array(entry), fc.array(entry, { minLength: 1 }), fc.nat(), (first, later, at) => {
      const { file, ends } = write(first, later);
      const [complete = 0] = ends;
      const end = complete + (at % (statSync(file).size - complete + 1));
      truncateSync(file, end);
      const whole = ends.filter((one) => one <= end).length - 1;
      expect(Journal.read(file)).toEqual([...first, ...later.slice(0, whole)]);
      expect(Journal.read(file)).toHaveLength(first.length + whole);
      expect(statSync(file).size).toBe(ends[whole]);
    }),
    { numRuns: 50 },
  );
});

test('a line that has changed since it was written is refused with the file, the line and what to do', () => {
  const { file } = write([['sqs', { body: 'hello' }]], [['sqs', { body: 'again' }]]);
  writeFileSync(file, readFileSync(file, 'utf8').replace('hello', 'hullo'));
  expect(() => Journal.read(file, 'restart --empty')).toThrow(
    `${file} is damaged: line 2 has changed since it was written. Restore it from a copy, or begin with an empty state: restart --empty`,
  );
});

test.each(['', 'garbage\n'])('a file that is not a journal (%j) is refused', (text) => {
  const file = newFile();
  writeFileSync(file, text);
  expect(() => Journal.read(file)).toThrow(`${file} is damaged`);
});

test('a file of another format is refused, with both formats', () => {
  const { file } = write([]);
  const other = write([]);
  const { crc32 } = jest.requireActual<typeof import('node:zlib')>('node:zlib');
  const header = JSON.stringify({ format: 99 });
  writeFileSync(other.file, `${crc32(header).toString(16).padStart(8, '0')} ${header}\n`);
  expect(() => Journal.read(other.file)).toThrow(
    /another version \(format 99, this version reads 1\)\. Run that version, or begin with an empty state$/,
  );
  expect(Journal.read(file)).toEqual([]);
});

test('only its owner can read it', () => {
  expect(statSync(write([['issuer', { privateKey: 'x' }]]).file).mode & 0o777).toBe(0o600);
});

test('a file replaces another one only when it is complete', () => {
  const { file } = write([['sqs', 1]]);
  const broken = () =>
    Journal.create(
      file,
      (function* (): Generator<JournalEntry> {
        yield ['sqs', 2];
        throw new Error('in the middle');
      })(),
    );
  expect(broken).toThrow('in the middle');
  expect(Journal.read(file)).toEqual([['sqs', 1]]);
  appendFileSync(`${file}.tmp`, 'left over');
  Journal.create(file, [['sqs', 3]]).close();
  expect(Journal.read(file)).toEqual([['sqs', 3]]);
});
