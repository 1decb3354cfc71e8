import { defineHandler } from 'cdk-streamer/handler';
import * as v from 'valibot';

/** A sync action that greets. */
export default defineHandler({
  input: v.object({ name: v.pipe(v.string(), v.minLength(1), v.maxLength(100)) }),
  run: ({ input: { name } }) => ({ greeting: `Hello ${name}` }),
});
