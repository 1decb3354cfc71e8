import { randomBytes } from 'node:crypto';
import type { Platform } from '../flows/ports';

/** The system's clock and random source. */
export const platform: Platform = {
  now: () => Date.now(),
  random: () => Math.random(),
  newId: () => randomBytes(16).toString('base64url'),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(ms, MAX_TIMER_MS));
      signal?.addEventListener('abort', done);
    }),
};

/** The longest delay of a timer in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;
