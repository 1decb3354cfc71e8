import { App, Stack } from 'aws-cdk-lib';
import { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Alias, Code, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { type LocalRun, startLocalRun } from '../../../local/run';
import { Client, Listener, TestFolder } from './support';

const folder = new TestFolder();
const listener = new Listener();
let run: LocalRun;

const SOURCE = `exports.handler = async (event) => {
  console.log(event.Records ? 'got ' + event.Records[0].body : 'frame');
  return { statusCode: 200, body: JSON.stringify({ pong: true }) };
};`;

beforeAll(async () => {
  const app = new App({ outdir: folder.path('cdk.out') });
  declare(new Stack(app, 'Aliases'));
  const { directory } = app.synth();
  run = await startLocalRun({
    assemblyDir: directory,
    runtimeClient: folder.runtimeClient(),
    port: 0,
    log: listener.log,
  });
});

afterAll(async () => {
  await run.close();
  folder.remove();
});

function declare(stack: Stack): void {
  const fn = new Lambda(stack, 'Worker', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline(SOURCE),
  });
  const alias = new Alias(stack, 'Live', {
    aliasName: 'live',
    version: fn.currentVersion,
    provisionedConcurrentExecutions: 1,
  });
  alias.addEventSource(new SqsEventSource(new Queue(stack, 'Jobs')));
  const integration = () => new WebSocketLambdaIntegration('Integration', alias);
  const webSocketApi = new WebSocketApi(stack, 'Api', {
    routeSelectionExpression: '$request.body.type',
    defaultRouteOptions: { integration: integration(), returnResponse: true },
  });
  new WebSocketStage(stack, 'Stage', { webSocketApi, stageName: 'v1', autoDeploy: true });
}

test('INVOKE-20 an alias with provisioned concurrency consumes a queue and answers a route', async () => {
  expect(run.warnings).toEqual([]);

  run.sqs.queueByUrl(run.physicalName('Jobs')).send({ body: 'job 1' });
  await listener.line(/^Worker: got job 1$/);

  const client = await Client.connect(String(run.url));
  client.send({ type: 'ping' });
  expect(await client.next()).toEqual({ pong: true });
  await client.close();
});
