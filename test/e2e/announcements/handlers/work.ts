import { defineHandler, HandlerError } from 'cdk-streamer/handler';

/** Ends as its input specifies. An announcement must contain neither the input nor the result. */
export default defineHandler({
  run({ input }) {
    const { fail } = (input ?? {}) as { fail?: boolean };
    if (fail) throw new HandlerError('NO_PAPER', 'There is no paper.', { details: 'private' });
    return { done: 'private' };
  },
});
