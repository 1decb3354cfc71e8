import { defineHandler } from 'cdk-streamer/handler';
import { input } from './count.schema';

/** Counts and reports progress. */
export default defineHandler({
  input,
  async run({ input: { to }, progress }) {
    for (let i = 1; i <= to; i++) progress((100 * i) / to, `${i} of ${to}`);
    return { counted: to };
  },
});
