import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { StreamerApi, StreamerAuth, StreamerHandler } from '../src';

const app = new App();
const stack = new Stack(app, 'StreamerMinimal');

new StreamerApi(stack, 'Streamer', {
  projectRoot: __dirname,
  auth: StreamerAuth.jwt({ issuer: 'https://issuer.example.com', audience: ['integ-tests'] }),
  handlers: {
    echo: StreamerHandler.sync('handlers/echo.ts'),
    count: StreamerHandler.async('handlers/count.ts'),
  },
  // a test leaves nothing behind
  removalPolicy: RemovalPolicy.DESTROY,
  // an account that was never used with API Gateway has no role for its logs
  cloudWatchRole: true,
});

// bundles change with the runtime's code; the template is what this test is about
new IntegTest(app, 'Minimal', { testCases: [stack], diffAssets: false });
