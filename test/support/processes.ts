import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 10;

/** Whether a process of this id runs. A zombie is a process that has ended, but whose parent has not read its exit status. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Waits until all of these processes have ended. */
export async function ended(...pids: number[]): Promise<void> {
  await waitUntil(() => !pids.some(isAlive));
}

/**
 * Waits for a condition that no event of this process announces. It has no separate time limit, because a loaded machine may be slow. The time limit
 * of the test ends a wait that never succeeds.
 */
export async function waitUntil<T>(probe: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const value = await probe();
    if (value) return value;
    await pause(POLL_MS);
  }
}
