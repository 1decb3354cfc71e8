import { availableParallelism, totalmem } from 'node:os';

/** A process of a small function takes 60 to 100 MB; a machine has more to hold than one busy function. */
const BYTES_PER_ENVIRONMENT = 512 * 1024 * 1024;
const FEWEST = 4;
const MOST = 32;

/** Environments that a function may have at once on this machine: one for each 512 MB of its memory, 4 to 32. */
export function defaultEnvironments(memoryBytes = totalmem()): number {
  return Math.min(MOST, Math.max(FEWEST, Math.floor(memoryBytes / BYTES_PER_ENVIRONMENT)));
}

/**
 * Environments of a function that may start at the same time. A start is work for a whole processor: more of them side by
 * side would delay all of them, and the environments that could take the work instead.
 */
export function parallelStarts(processors = availableParallelism()): number {
  return Math.max(2, processors);
}
