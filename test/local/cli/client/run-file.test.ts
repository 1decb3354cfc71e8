import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRunFile, writeRunFile } from '../../../../local/cli/client/run-file';

const folder = mkdtempSync(join(tmpdir(), 'run-file-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('only its user can read the file of a run, because it contains credentials', () => {
  const run = { endpoint: 'http://127.0.0.1:4000', pid: process.pid, variables: { AWS_ACCESS_KEY_ID: 'AKIA' } };
  const forget = writeRunFile(folder, run);
  expect(findRunFile(join(folder, 'below'))).toEqual(run);
  expect(statSync(join(folder, '.streamer', 'run.json')).mode & 0o077).toBe(0);
  forget();
  expect(findRunFile(folder)).toBeUndefined();
});

test('only its user can open the folder of a run, because it contains keys', () => {
  rmSync(join(folder, '.streamer'), { recursive: true, force: true });
  writeRunFile(folder, { endpoint: 'http://127.0.0.1:4000', pid: process.pid, variables: {} })();
  expect(statSync(join(folder, '.streamer')).mode & 0o077).toBe(0);
});

test('Git ignores the folder of a run, unless the project has another rule', () => {
  const ignore = join(folder, '.streamer', '.gitignore');
  rmSync(join(folder, '.streamer'), { recursive: true, force: true });
  const run = { endpoint: 'http://127.0.0.1:4000', pid: process.pid, variables: {} };

  writeRunFile(folder, run)();
  expect(readFileSync(ignore, 'utf8')).toBe('*\n');
  writeFileSync(ignore, 'state\n');
  writeRunFile(folder, run)();
  expect(readFileSync(ignore, 'utf8')).toBe('state\n');
});
