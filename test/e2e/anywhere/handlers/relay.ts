import { defineHandler } from 'cdk-streamer/handler';
import * as v from 'valibot';
import { createStreamerServer } from '../../../../client-sdks/typescript/src/server';

/** Submits a request for its user. The name of the submit function is in the variable that `grantSubmit` sets. */
export default defineHandler({
  input: v.object({ steps: v.number(), stepMs: v.number() }),
  async run({ input, identity }) {
    const { id, status } = await createStreamerServer().as(identity).submit('steps', input);
    return { id, status };
  },
});
