import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Identity of a process. A process id may be used again, but not with the same start time. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time of the process in the system's format; null if it is unknown. */
  readonly began: string | null;
}

/** Returns the identity of this process. */
export const ownIdentity = (): ProcessIdentity => ({ pid: process.pid, began: beganAt(process.pid) });

/** Parses an identity in JSON. The process id must be positive, because other values refer to process groups. */
export function parseIdentity<Identity extends ProcessIdentity>(text: string): Identity | undefined {
  try {
    const identity = JSON.parse(text) as Identity;
    return Number.isInteger(identity.pid) && identity.pid > 0 ? identity : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process of this machine still runs. */
export function isAlive({ pid, began }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // the process exists but belongs to another user
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = beganAt(pid);
  return began === null || now === null || began === now;
}

/**
 * Returns the start time of a process. On Linux it is field 22 of `stat`, counted from the end of the name because the
 * name may contain spaces. On other systems, `ps` reports it.
 */
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
