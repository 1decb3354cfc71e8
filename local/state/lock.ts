import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { StateError } from './errors';

/** Holder of a lock. Process ids are reused, but not the combination of a process id and its start time. */
interface Holder {
  readonly pid: number;
  /** Start time of the process in the format of the system; null if it is not known. */
  readonly began: string | null;
}

/**
 * Takes the lock of a folder, so that no two runs write to it. The lock of a process that has ended is taken over.
 *
 * @returns a function that releases the lock
 * @throws StateError if another run holds the lock
 */
export function takeLock(folder: string): () => void {
  const file = path.join(folder, 'lock');
  const own = JSON.stringify({ pid: process.pid, began: beganAt(process.pid) } satisfies Holder);
  if (!tryWrite(file, own)) {
    takeOver(file, folder);
    if (!tryWrite(file, own)) throw inUse(folder, read(file)?.pid);
  }
  const release = () => {
    process.removeListener('exit', release);
    if (readText(file) === own) rmSync(file, { force: true });
  };
  process.once('exit', release);
  return release;
}

/** Removes a stale lock. If two runs try at the same time, the rename succeeds for only one. */
function takeOver(file: string, folder: string): void {
  const holder = read(file);
  if (holder && isAlive(holder)) throw inUse(folder, holder.pid);
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  rmSync(aside, { force: true });
}

function inUse(folder: string, pid: number | undefined): StateError {
  const who = pid === undefined ? 'another run' : `another run (process ${pid})`;
  return new StateError(`${who} uses the state in ${folder}. End it first: a project has one run at a time`);
}

function tryWrite(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function read(file: string): Holder | undefined {
  try {
    const { pid, began } = JSON.parse(readText(file) ?? '') as Holder;
    return Number.isInteger(pid) ? { pid, began } : undefined;
  } catch {
    return undefined;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function isAlive({ pid, began }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // the process exists, and belongs to another user
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = beganAt(pid);
  return began === null || now === null || began === now;
}

/** Start time from field 22 of Linux's `stat`, counted after the name, which may contain spaces; on other systems from `ps`. */
function beganAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return process.platform === 'linux' ? null : beganByPs(pid);
  }
}

function beganByPs(pid: number): string | null {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}
