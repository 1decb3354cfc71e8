import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';

const app = new App({ analyticsReporting: false });
const stack = new Stack(app, 'Languages');

const api = new StreamerApi(stack, 'Streamer', {
  auth: StreamerAuth.jwt({ issuer: 'https://auth.example.com/', audience: ['my-app'] }),
  projectRoot: '.',
  handlers: {
    echo: StreamerHandler.sync('handlers/echo.ts'),
    count: StreamerHandler.async('handlers/count.ts', {
      timeout: Duration.minutes(10),
      retry: { maxAttempts: 5, base: Duration.seconds(2) },
      environment: { STEP: '1' },
    }),
  },
  retention: Duration.days(30),
  removalPolicy: RemovalPolicy.DESTROY,
});
stack.exportValue(api.url, { name: 'Url' });

app.synth();
