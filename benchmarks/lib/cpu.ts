import { readdirSync, readFileSync } from 'node:fs';

/**
 * Returns the CPU time, user and system, that the threads of a process have used, in milliseconds. Only Linux provides it, as nanoseconds per thread.
 *
 * @throws Error if the process does not exist
 */
export function cpuMsOf(pid: number): number {
  const folder = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(folder).map((thread) =>
    Number(readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((total, each) => total + each, 0) / 1e6;
}
