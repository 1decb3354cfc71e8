import { setImmediate as nextIteration } from 'node:timers/promises';
import { defineHandler } from 'cdk-streamer/handler';
import { input } from './find-primes.schema';

/** Number of steps. They are short, because progress is sent between two steps. */
const STEPS = 1000;

/** Counts primes: a task that takes some seconds, reports progress, and continues if the client disconnects. */
export default defineHandler({
  input,
  async run({ input: { upTo }, progress, signal }) {
    let count = 0;
    let largest = 2;
    let next = 2;
    for (let step = 1; step <= STEPS; step++) {
      signal.throwIfAborted();
      for (; next <= (upTo * step) / STEPS; next++) {
        if (!isPrime(next)) continue;
        count++;
        largest = next;
      }
      progress((100 * step) / STEPS, `${count} primes below ${next}`);
      await nextIteration();
    }
    return { count, largest };
  },
});

function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
}
