import { createHash, randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { StateError } from './errors';
import { isAlive, ownIdentity, type ProcessIdentity, parseIdentity } from './process-identity';

/** Owner of a lock. */
interface Holder extends ProcessIdentity {
  /** Random value that distinguishes two locks of the same process. */
  readonly nonce: string;
}

/**
 * Takes the lock of a folder, so that only one run writes to it. If the owner of an existing lock has ended, its lock
 * is replaced.
 *
 * @returns a function that releases the lock
 * @throws StateError if another run has the lock
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

/**
 * Checks early whether {@link takeLock} would fail, before the caller starts other work.
 *
 * @throws StateError if another run has the lock
 */
export function checkUnlocked(folder: string): void {
  const holder = read(path.join(folder, 'lock'));
  if (holder && isAlive(holder)) throw inUse(folder, holder.pid);
}

/**
 * Creates a lock file. It first removes the lock of a process that has ended.
 *
 * @returns a function that removes the file
 */
function take(file: string, folder: string): () => void {
  const own = JSON.stringify({ ...ownIdentity(), nonce: randomUUID() } satisfies Holder);
  if (!tryCreate(file, own)) {
    removeStale(file, folder);
    if (!tryCreate(file, own)) throw inUse(folder, read(file)?.pid);
  }
  return () => {
    if (readText(file) === own) rmSync(file, { force: true });
  };
}

/**
 * Removes the lock of a process that has ended. It first takes a second lock, and then checks that the first lock is
 * unchanged. Otherwise it could remove the new lock of another process.
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
  return new StateError(`${who} uses the state in ${folder}. End it first: a project can have only one run at a time`);
}

/** Creates the complete file in one step, so that no process reads only a part of it. */
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

/** Parses a lock file. */
function parse(text: string): Holder | undefined {
  return parseIdentity<Holder>(text);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
