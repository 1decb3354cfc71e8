import { defineHandler } from 'cdk-streamer/handler';

export default defineHandler({ run: ({ input }) => input });
