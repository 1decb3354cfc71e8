import { defineHandler } from 'cdk-streamer/handler';
import * as v from 'valibot';

const input = v.strictObject({
  /** At most 1,000 characters. */
  text: v.pipe(v.string(), v.maxLength(1000)),
});

/** Answers at once, by the same connection: what was said, and whom the token named. */
export default defineHandler({
  input,
  run: ({ input: { text }, identity: { user, tenant } }) => ({ text, user, tenant }),
});
