import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TempDir } from '../../../local/run/temp-dir';

/** Temporary folders of killed processes. */
let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'temp-dirs-'));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

/** Creates a folder as another process leaves it. */
function folderOf(pid: number, more: object = {}, name = `cdk-streamer-of-${pid}`): string {
  const temp = new TempDir(parent);
  const owner = JSON.parse(readFileSync(join(temp.root, 'owner.json'), 'utf8'));
  temp.remove();
  const folder = join(parent, name);
  mkdirSync(join(folder, 'inside'), { recursive: true });
  writeFileSync(join(folder, 'owner.json'), JSON.stringify({ ...owner, pid, began: null, ...more }));
  return folder;
}

const deadPid = () => spawnSync(process.execPath, ['-e', '']).pid;

test('the folder of a process that was killed is removed at the next start', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const folder = folderOf(Number(child.pid));
  new TempDir(parent).remove();
  expect(existsSync(folder)).toBe(true);

  child.kill('SIGKILL');
  await once(child, 'exit');
  new TempDir(parent).remove();
  expect(existsSync(folder)).toBe(false);
});

test('the folder of a process whose id is used again is removed', () => {
  const folder = folderOf(process.pid, { began: 'another time' });
  new TempDir(parent).remove();
  expect(existsSync(folder)).toBe(false);
});

test('the folder of a running process stays, and so does the folder of a process elsewhere or without an owner', () => {
  const running = new TempDir(parent);
  const elsewhere = folderOf(deadPid(), { where: 'another machine' });
  const unknown = join(parent, 'cdk-streamer-unknown');
  mkdirSync(unknown);
  const other = folderOf(deadPid(), {}, 'other-tool');
  new TempDir(parent).remove();
  expect([running.root, elsewhere, unknown, other].map(existsSync)).toEqual([true, true, true, true]);
  running.remove();
  expect(existsSync(running.root)).toBe(false);
});

test('a link to another folder is never followed', () => {
  const other = folderOf(deadPid(), {}, 'other-tool');
  symlinkSync(other, join(parent, 'cdk-streamer-link'));
  new TempDir(parent).remove();
  expect(existsSync(join(other, 'inside'))).toBe(true);
});
