import { createHash } from 'node:crypto';
import { defineHandler } from 'cdk-streamer/handler';

/** Describes the bytes of its input. */
export default defineHandler({
  streams: true,
  async run({ input, stream }) {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of stream()) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    return { sha256: hash.digest('hex'), bytes, input: typeof input };
  },
});
