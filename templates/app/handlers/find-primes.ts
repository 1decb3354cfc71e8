import { setImmediate as othersTurn } from 'node:timers/promises';
import { defineHandler } from 'cdk-streamer/handler';
import { input } from './find-primes.schema';

const STEPS = 20;

/** Work that takes a while: tells how far it is, and goes on when the client is gone. */
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
      await othersTurn();
    }
    return { count, largest };
  },
});

function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
}
