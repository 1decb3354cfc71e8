import { defineHandler } from 'cdk-streamer/handler';
import * as v from 'valibot';

const input = v.strictObject({
  /** A string of at most 1,000 characters. */
  text: v.pipe(v.string(), v.maxLength(1000)),
});

/** Answers over the same connection with the input, and with the user and tenant of the token. */
export default defineHandler({
  input,
  run: ({ input: { text }, identity: { user, tenant } }) => ({ text, user, tenant }),
});
