import { defineHandler } from 'cdk-streamer/handler';
import { createStreamerServer } from 'cdk-streamer-client/server';

const server = createStreamerServer();

/** Publishes its input for the tenant of the request. */
export default defineHandler({
  async run({ input, request: { id }, identity: { tenant } }) {
    const { topic, data } = input as { topic: string; data: string };
    await server.publish(topic, data, { tenant, id });
    return null;
  },
});
