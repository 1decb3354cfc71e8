import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunState } from '../../../../local/emulator/state';

let root: string;
let folder: string;
const open: RunState[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'run-state-'));
  folder = join(root, '.local', 'state');
});
afterEach(() => {
  for (const state of open.splice(0)) state.close();
  rmSync(root, { recursive: true, force: true });
});

function opened(fresh = false): RunState {
  const state = RunState.open({ folder, fresh, freshCommand: 'restart --empty' });
  open.push(state);
  return state;
}

/** A service that keeps an array of strings. */
function notes(state: RunState, name = 'notes'): { all: string[]; add(text: string): void } {
  const slot = state.slot(name);
  const all = slot.restore() as string[];
  slot.onSnapshot(() => all);
  return {
    all,
    add: (text) => {
      slot.append(text);
      all.push(text);
    },
  };
}

function close(state: RunState): void {
  state.close();
  open.splice(open.indexOf(state), 1);
}

test('entries that a service appended are there in the next run, and in the one after it', () => {
  const first = opened();
  const written = notes(first);
  first.begin();
  written.add('a');
  written.add('b');
  close(first);

  const second = opened();
  expect(notes(second).all).toEqual(['a', 'b']);
  second.begin();
  close(second);
  expect(notes(opened()).all).toEqual(['a', 'b']);
});

test('a service that one run does not have finds its state in the next', () => {
  const first = opened();
  const written = notes(first, 'issuer');
  first.begin();
  written.add('key');
  close(first);
  const without = opened();
  notes(without, 'other');
  without.begin();
  close(without);
  expect(notes(opened(), 'issuer').all).toEqual(['key']);
});

test('a fresh run begins empty, and leaves nothing of the old state', () => {
  const first = opened();
  const written = notes(first);
  first.begin();
  written.add('a');
  first.blobs.write(Buffer.from('content'));
  close(first);
  const second = opened(true);
  expect(notes(second).all).toEqual([]);
  expect(readdirSync(join(folder, 'blobs'))).toEqual([]);
});

test('a start that fails before the state is complete does not change the old one', () => {
  const first = opened();
  const written = notes(first);
  first.begin();
  written.add('a');
  close(first);
  const failing = opened();
  notes(failing);
  close(failing);
  expect(notes(opened()).all).toEqual(['a']);
});

test('a second run is refused with the process that has the state, until that one ends', () => {
  const first = opened();
  expect(() => opened()).toThrow(`another run (process ${process.pid}) uses the state in ${folder}`);
  close(first);
  expect(() => opened()).not.toThrow();
});

test('the lock of a process that has ended is taken over', async () => {
  const child = spawn('true');
  await new Promise((resolve) => child.once('exit', resolve));
  close(opened());
  writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: child.pid, began: null }));
  expect(() => opened()).not.toThrow();
});

test('the lock of an earlier process with the same id is taken over', () => {
  close(opened());
  writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: process.pid, began: 'another time' }));
  expect(() => opened()).not.toThrow();
});

test('a lock that cannot be read is taken over', () => {
  close(opened());
  writeFileSync(join(folder, 'lock'), '');
  const state = opened();
  expect(JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
  close(state);
  expect(existsSync(join(folder, 'lock'))).toBe(false);
});

test('files and folders are for their owner only', () => {
  const state = opened();
  state.begin();
  const blob = state.blobs.write(Buffer.from('secret'));
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, 'blobs', blob)).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'lock')).mode & 0o777).toBe(0o600);
});

test('an object whose bytes are missing or damaged is refused with the file and the remedy', () => {
  const { blobs } = opened();
  const name = blobs.write(Buffer.from('content'));
  const file = join(folder, 'blobs', name);
  expect(blobs.read(name).toString()).toBe('content');
  writeFileSync(file, 'other');
  expect(() => blobs.read(name)).toThrow(
    `${file} is damaged. Restore it from a copy, or begin with an empty state: restart --empty`,
  );
  rmSync(file);
  expect(() => blobs.read(name)).toThrow(`${file} is missing`);
});

test('a journal that has grown is rewritten, and contains only the current state', async () => {
  const state = opened();
  const slot = state.slot('counter');
  let value = '';
  slot.restore();
  slot.onSnapshot(() => [value]);
  state.begin();
  const large = 'x'.repeat(1024 * 1024);
  for (let n = 0; n < 20; n++) {
    slot.append(large);
    value = String(n);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(statSync(join(folder, 'journal.log')).size).toBeLessThan(8 * 1024 * 1024);
});
