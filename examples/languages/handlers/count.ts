import { defineHandler } from 'cdk-streamer/handler';
import { input } from './count.schema';

/** Counts, and tells how far it is. */
export default defineHandler({
  input,
  async run({ input: { to }, progress }) {
    for (let i = 1; i <= to; i++) progress((100 * i) / to, `${i} of ${to}`);
    return { counted: to };
  },
});
