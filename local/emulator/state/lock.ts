import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { StateError } from './errors';

/** Holder of a lock. Process ids are reused, but not the combination of a process id and its start time. */
interface Holder {
  readonly pid: number;
  /** Start time of the process in the format of the system; null if it is not known. */
  readonly began: string | null;
  /** Distinguishes two locks of one process. */
  readonly nonce: string;
}

/**
 * Takes the lock of a folder, so that no two runs write to it. The lock of a process that has ended is taken over.
 *
 * @returns a function that releases the lock
 * @throws StateError if another run holds the lock
 */
export function takeLock(folder: string): () => void {
  const remove = take(path.join(folder, 'lock'), folder);
  const release = () => {
    process.removeListener('exit', release);
    remove();
  };
  process.once('exit', release);
  return release;
}

/** @throws StateError if another run holds the lock now. It saves the work that would end with {@link takeLock} failing. */
export function checkUnlocked(folder: string): void {
  const holder = read(path.join(folder, 'lock'));
  if (holder && isAlive(holder)) throw inUse(folder, holder.pid);
}

/** Creates a lock file, and removes a stale one before. @returns a function that removes it */
function take(file: string, folder: string): () => void {
  const own = JSON.stringify({ pid: process.pid, began: beganAt(process.pid), nonce: randomUUID() } satisfies Holder);
  if (!tryCreate(file, own)) {
    removeStale(file, folder);
    if (!tryCreate(file, own)) throw inUse(folder, read(file)?.pid);
  }
  return () => {
    if (readText(file) === own) rmSync(file, { force: true });
  };
}

/**
 * Removes the lock of a process that has ended. Only the holder of a second lock, on this lock, may remove it, and only while
 * it is unchanged: otherwise it could be the new lock of another process.
 */
function removeStale(file: string, folder: string): void {
  const text = readText(file);
  if (text === undefined) return;
  const holder = parse(text);
  if (holder && isAlive(holder)) throw inUse(folder, holder.pid);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const release = take(path.join(folder, `lock.after-${hash}`), folder);
  try {
    if (readText(file) === text) rmSync(file, { force: true });
  } finally {
    release();
  }
}

function inUse(folder: string, pid: number | undefined): StateError {
  const who = pid === undefined ? 'another run' : `another run (process ${pid})`;
  return new StateError(`${who} uses the state in ${folder}. End it first: a project has one run at a time`);
}

/** Creates the complete file at once, so that no process reads a part of it. */
function tryCreate(file: string, text: string): boolean {
  const whole = `${path.join(path.dirname(file), 'lock')}.${randomUUID()}`;
  writeFileSync(whole, text, { flag: 'wx', mode: 0o600 });
  try {
    linkSync(whole, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(whole, { force: true });
  }
}

function read(file: string): Holder | undefined {
  return parse(readText(file) ?? '');
}

/** A negative id or 0 would be a group of processes. */
function parse(text: string): Holder | undefined {
  try {
    const { pid, began, nonce } = JSON.parse(text) as Holder;
    return Number.isInteger(pid) && pid > 0 ? { pid, began, nonce } : undefined;
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
