import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../../../local/cli/arguments';
import { readJson } from '../../../../local/cli/client/read-json';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'read-json-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const read = (text: string | undefined, stdin = '') => readJson(text, { cwd, readInput: async () => stdin });

test('an input is read from the argument, from a file or from stdin', async () => {
  writeFileSync(join(cwd, 'in.json'), '[1]');

  expect(await read('{"a": 1}')).toEqual({ a: 1 });
  expect(await read('@in.json')).toEqual([1]);
  expect(await read('-', '"text"')).toBe('text');
  expect(await read(undefined)).toBeUndefined();
});

test.each([
  ['{a}', 'the input must be JSON, such as \'{"name": "Ada"}\': '],
  ['@nowhere.json', 'the input cannot be read: ENOENT'],
  ['-', 'stdin must be JSON'],
])('%s is refused', async (text, message) => {
  await expect(read(text)).rejects.toThrow(UsageError);
  await expect(read(text)).rejects.toThrow(message);
});
