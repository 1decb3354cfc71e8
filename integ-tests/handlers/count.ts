import { defineHandler } from 'cdk-streamer/handler';
import { input } from './count.schema';

export default defineHandler({
  input,
  async run({ input: { to }, progress }) {
    for (let at = 1; at <= to; at++) progress((100 * at) / to, `${at} of ${to}`);
    return { counted: to };
  },
});
