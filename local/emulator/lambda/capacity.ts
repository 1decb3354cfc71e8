import { availableParallelism, totalmem } from 'node:os';

/**
 * Memory of the machine per environment, in bytes. The process of a small function needs 60 to 100 MB, and the machine
 * also runs other processes.
 */
const BYTES_PER_ENVIRONMENT = 256 * 1024 * 1024;
const FEWEST = 4;
const MOST = 128;

/**
 * Returns the default maximum number of environments that a function has at the same time: one for each 256 MB of the
 * machine's memory, from 4 to 128.
 */
export function defaultEnvironments(memoryBytes = totalmem()): number {
  return Math.min(MOST, Math.max(FEWEST, Math.floor(memoryBytes / BYTES_PER_ENVIRONMENT)));
}

/**
 * Returns the maximum number of environments of a function that start at the same time. A start uses a whole processor.
 * More starts at the same time would delay each other and the running environments.
 */
export function parallelStarts(processors = availableParallelism()): number {
  return Math.max(2, processors);
}
