import { defineHandler } from 'cdk-streamer/handler';

export default defineHandler({
  async run({ input }) {
    return input;
  },
});
