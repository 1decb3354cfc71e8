import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { checkUnlocked, takeLock } from '../../../../local/emulator/state/lock';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([-1, 0, 1.5, null, '1'])('a lock of process %j is stale', (pid) => {
  writeFileSync(join(folder, 'lock'), JSON.stringify({ pid, began: null }));
  takeLock(folder)();
  expect(readdirSync(folder)).toEqual([]);
});

const CONTENDER = `
  const { takeLock } = require('./lock.js');
  let release;
  process.on('message', ({ folder, at }) => {
    if (release) release();
    release = undefined;
    if (!folder) return process.send('released');
    while (Date.now() < at);
    try { release = takeLock(folder); } catch (error) { if (!/another run/.test(error.message)) return process.send(error.stack); }
    process.send(release !== undefined);
  });
  process.send('ready');
`;

async function answers(children: readonly ChildProcess[], message: object): Promise<unknown[]> {
  const all = Promise.all(children.map((child) => once(child, 'message').then(([answer]) => answer)));
  for (const child of children) child.send(message);
  return all;
}

test('exactly one of several processes that take a lock at the same time gets it, if the lock is free or stale', async () => {
  const entryPoints = [join(__dirname, '../../../../local/emulator/state/lock.ts')];
  buildSync({ entryPoints, bundle: true, platform: 'node', outfile: join(folder, 'lock.js') });
  const program = join(folder, 'contender.js');
  writeFileSync(program, CONTENDER);
  const state = mkdtempSync(join(folder, 'state-'));
  const children = [1, 2, 3, 4].map(() => fork(program));
  try {
    await Promise.all(children.map((child) => once(child, 'message')));
    for (let round = 0; round < 150; round++) {
      if (round % 3 > 0) writeFileSync(join(state, 'lock'), round % 3 === 1 ? '' : `{"pid":0,"nonce":"${round}"}`);
      const got = await answers(children, { folder: state, at: Date.now() + 4 });
      expect(got.filter((answer) => answer !== false)).toEqual([true]);
      await answers(children, {});
      expect(readdirSync(state)).toEqual([]);
    }
  } finally {
    for (const child of children) child.kill();
  }
});

test('a lock can be checked without taking it: only the lock of a running process is refused', () => {
  const other = mkdtempSync(join(tmpdir(), 'lock-check-'));
  checkUnlocked(join(other, 'missing'));
  const release = takeLock(other);
  expect(() => checkUnlocked(other)).toThrow(`another run (process ${process.pid}) uses the state in ${other}`);
  release();
  checkUnlocked(other);
  writeFileSync(join(other, 'lock'), JSON.stringify({ pid: process.pid, began: 'another time', nonce: 'x' }));
  checkUnlocked(other);
  rmSync(other, { recursive: true });
});
