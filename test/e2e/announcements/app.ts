import { App, Duration, Stack } from 'aws-cdk-lib';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Code, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StreamerApi, StreamerAuth, StreamerHandler, StreamerWebhook } from 'cdk-streamer';

/**
 * An API that notifies a bus and a webhook. A rule sends events of completed requests to a function. All other events
 * go to a queue.
 */
export function announcingApp(outdir: string, hook: string): App {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Announcing');
  const eventBus = new EventBus(stack, 'Bus');
  new StreamerApi(stack, 'Streamer', {
    projectRoot: __dirname,
    auth: StreamerAuth.jwt({ issuer: 'https://issuer.example.com/', audience: ['e2e'] }),
    handlers: { work: StreamerHandler.async('handlers/work.ts', { retry: { maxAttempts: 1 } }) },
    eventBus,
    webhook: StreamerWebhook.post(hook, {
      maxAttempts: 4,
      timeout: Duration.seconds(5),
      backoff: { initial: Duration.seconds(1), max: Duration.seconds(1) },
    }),
  });
  recordEvents(stack, eventBus);
  return app;
}

function recordEvents(stack: Stack, eventBus: EventBus): void {
  const recorder = new Lambda(stack, 'Recorder', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline("exports.handler = async ({ detail }) => console.log('recorded ' + JSON.stringify(detail));"),
  });
  new Rule(stack, 'OnCompleted', {
    eventBus,
    eventPattern: {
      source: ['cdk-streamer'],
      detailType: ['Streamer Request Completed'],
      detail: { tenant: ['acme'] },
    },
    targets: [new LambdaFunction(recorder)],
  });
  new Rule(stack, 'OnOther', {
    eventBus,
    eventPattern: { source: ['cdk-streamer'], detail: { status: [{ 'anything-but': 'COMPLETED' }] as never } },
    targets: [new SqsQueue(new Queue(stack, 'Others'))],
  });
}
