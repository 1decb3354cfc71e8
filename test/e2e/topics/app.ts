import { App, Stack } from 'aws-cdk-lib';
import { StreamerApi, StreamerAuth, StreamerHandler, StreamerTopic } from 'cdk-streamer';

/**
 * An API with three kinds of topics: rooms to which all users may publish, news to which handlers publish, and an inbox
 * for each user.
 */
export function topicsApp(outdir: string): App {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Topics');
  const api = new StreamerApi(stack, 'Streamer', {
    projectRoot: __dirname,
    auth: StreamerAuth.jwt({ issuer: 'https://issuer.example.com/', audience: ['e2e'] }),
    handlers: { announce: StreamerHandler.sync('handlers/announce.ts') },
    topics: {
      'rooms/*': StreamerTopic.publishable(),
      news: StreamerTopic.readOnly(),
      'users/{user}/*': StreamerTopic.readOnly(),
    },
  });
  api.grantPublish(api.handler('announce'));
  return app;
}
