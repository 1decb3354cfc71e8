import { setTimeout } from 'node:timers/promises';
import { defineHandler, HandlerError } from 'cdk-streamer/handler';
import { input } from './mirror.schema';

/** Returns the string of its input. The beginning of the string may ask for another behavior. */
export default defineHandler({
  input,
  async run({ input: { text }, request, signal }) {
    if (text.startsWith('retry') && request.attempt === 1)
      throw new HandlerError('AGAIN', 'Again.', { retryable: true });
    if (text.startsWith('fail') && request.run === 1) throw new HandlerError('FAILED', 'Failed.');
    if (text.startsWith('wait')) await setTimeout(60_000, undefined, { signal }).catch(() => undefined);
    return { text, attempt: request.attempt };
  },
});
