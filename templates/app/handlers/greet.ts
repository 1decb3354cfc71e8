import { defineHandler } from 'cdk-streamer/handler';
import * as v from 'valibot';

/** Greets at once: a sync action. */
export default defineHandler({
  input: v.object({ name: v.pipe(v.string(), v.minLength(1), v.maxLength(100)) }),
  run: ({ input: { name } }) => ({ greeting: `Hello ${name}` }),
});
