import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { HandlerMode, StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';

/** An app whose actions run in other functions than the router and the processors. */
export function remoteApp(outdir: string): App {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Remote');
  const fn = new LambdaFunction(stack, 'Plain', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(join(__dirname, 'functions')),
    timeout: Duration.seconds(10),
  });
  const retry = { maxAttempts: 2, base: Duration.millis(100), cap: Duration.millis(100) };
  new StreamerApi(stack, 'Streamer', {
    projectRoot: __dirname,
    router: { provisionedConcurrency: 1 },
    auth: StreamerAuth.jwt({ issuer: 'https://issuer.example.com/', audience: ['e2e'], tenantClaim: 'tenant' }),
    handlers: {
      quote: StreamerHandler.sync('handlers/quote.ts', { isolated: true, provisionedConcurrency: 1 }),
      later: StreamerHandler.async('handlers/quote.ts', { provisionedConcurrency: 1 }),
      plain_now: StreamerHandler.fromFunction(fn, { mode: HandlerMode.SYNC }),
      plain_later: StreamerHandler.fromFunction(fn, { retry }),
    },
  });
  return app;
}
