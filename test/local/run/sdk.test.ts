import { mkdirSync } from 'node:fs';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Code, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket, HttpMethods } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { buildSync } from 'esbuild';
import { type LocalRun, startLocalRun } from '../../../local/run';
import { Listener, TestFolder } from './support';

/** The AWS SDK in a function's process. Only the environment variables of the run lead it to the services. */
const folder = new TestFolder();
const listener = new Listener();
let run: LocalRun;

const HANDLER = `
  import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
  import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
  import { LambdaClient, InvokeCommand } from '@aws-sdk/client-lambda';
  import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
  import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
  import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
  import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

  const { BUCKET: Bucket, QUEUE_URL: QueueUrl, TABLE: TableName } = process.env;
  const operations = {
    async dynamodb() {
      const client = new DynamoDBClient({});
      await client.send(new PutItemCommand({ TableName, Item: { id: { S: 'a' }, n: { N: '1' } } }));
      return (await client.send(new GetItemCommand({ TableName, Key: { id: { S: 'a' } } }))).Item;
    },
    async sqs() {
      const client = new SQSClient({});
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
      return (await client.send(new ReceiveMessageCommand({ QueueUrl }))).Messages.map(({ Body }) => Body);
    },
    async s3() {
      const client = new S3Client({});
      const Key = 'a folder/é.txt';
      await client.send(new PutObjectCommand({ Bucket, Key, Body: 'content' }));
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60 });
      return { read: await Body.transformToString(), url };
    },
    async lambda() {
      const payload = JSON.stringify({ operation: 'context' });
      const ClientContext = Buffer.from('{"custom":{"a":1}}').toString('base64');
      const command = new InvokeCommand({ FunctionName: process.env.ALIAS, Payload: payload, ClientContext });
      const { ExecutedVersion, Payload } = await new LambdaClient({}).send(command);
      return { ExecutedVersion, context: JSON.parse(Payload.transformToString()) };
    },
    async events() {
      const Entries = [{ EventBusName: process.env.BUS, Source: 'shop', DetailType: 'Order', Detail: '{"id":7}' }];
      const { FailedEntryCount } = await new EventBridgeClient({}).send(new PutEventsCommand({ Entries }));
      const client = new SQSClient({});
      const receive = new ReceiveMessageCommand({ QueueUrl: process.env.ORDERS, WaitTimeSeconds: 10 });
      return { FailedEntryCount, received: (await client.send(receive)).Messages.map(({ Body }) => JSON.parse(Body)) };
    },
    async secret() {
      const client = new SecretsManagerClient({});
      return (await client.send(new GetSecretValueCommand({ SecretId: process.env.SECRET }))).SecretString;
    },
    async context(_event, { invokedFunctionArn, clientContext }) {
      return { invokedFunctionArn, clientContext };
    },
    async other() {
      const client = new LambdaClient({ endpoint: process.env.AWS_ENDPOINT_URL });
      return client.send(new InvokeCommand({ FunctionName: 'other' })).then(() => 'sent', ({ name }) => name);
    },
  };
  export const handler = (event, context) => operations[event.operation](event, context);
`;

beforeAll(async () => {
  mkdirSync(folder.path('code'));
  buildSync({
    stdin: { contents: HANDLER, resolveDir: __dirname },
    bundle: true,
    platform: 'node',
    outfile: folder.path('code', 'index.js'),
  });
  const app = new App({ outdir: folder.path('cdk.out') });
  declare(new Stack(app, 'Sdk'));
  run = await startLocalRun({
    assemblyDir: app.synth().directory,
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
  const bucket = new Bucket(stack, 'Bucket', { cors: [{ allowedMethods: [HttpMethods.GET], allowedOrigins: ['*'] }] });
  const table = new TableV2(stack, 'Table', { partitionKey: { name: 'id', type: AttributeType.STRING } });
  const queue = new Queue(stack, 'Queue');
  const code = {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(folder.path('code')),
    timeout: Duration.seconds(20),
  };
  const alias = new Lambda(stack, 'Worker', code).addAlias('live');
  const eventBus = new EventBus(stack, 'Bus');
  const orders = new Queue(stack, 'Orders');
  new Rule(stack, 'OnOrder', {
    eventBus,
    eventPattern: { source: ['shop'], detail: { id: [{ numeric: ['>', 1] }] } },
    targets: [
      new SqsQueue(orders, { message: RuleTargetInput.fromObject({ order: EventField.fromPath('$.detail.id') }) }),
      new LambdaFunction(alias, { event: RuleTargetInput.fromObject({ operation: 'context' }) }),
    ],
  });
  const secret = new Secret(stack, 'Key', {
    generateSecretString: { secretStringTemplate: '{"user":"ann"}', generateStringKey: 'password', passwordLength: 20 },
  });
  new Lambda(stack, 'Caller', {
    ...code,
    environment: {
      ALIAS: alias.functionName,
      BUS: eventBus.eventBusName,
      ORDERS: orders.queueUrl,
      SECRET: secret.secretArn,
      BUCKET: bucket.bucketName,
      TABLE: table.tableName,
      QUEUE_URL: queue.queueUrl,
    },
  });
  new CfnOutput(stack, 'QueueUrl', { value: queue.queueUrl });
}

async function call(operation: string): Promise<unknown> {
  const result = await run.invoke('Caller', { operation });
  return result.ok ? result.payload : result;
}

test('DynamoDB is found', async () => {
  expect(await call('dynamodb')).toEqual({ id: { S: 'a' }, n: { N: '1' } });
});

test('SQS is found, by the URL that the queue has here', async () => {
  expect(await call('sqs')).toEqual(['hello']);
  expect(run.outputs.Sdk?.QueueUrl).toBe(run.physicalName('Queue'));
  expect(listener.lines().join('\n')).not.toContain('differs from SQSClient resolved endpoint');
});

test('S3 is found in path style, and a presigned URL works in a browser of another origin', async () => {
  const { read, url } = (await call('s3')) as { read: string; url: string };
  expect(read).toBe('content');
  expect(url).toContain(`${run.endpoint}/_aws/s3/${run.physicalName('Bucket')}/`);

  const download = await fetch(url, { headers: { origin: 'http://localhost:5173' } });
  expect(await download.text()).toBe('content');
  expect(download.headers.get('access-control-allow-origin')).toBe('*');
});

test('Lambda is found, and an alias by its name', async () => {
  const arn = `arn:aws:lambda:us-east-1:000000000000:function:${run.physicalName('Worker')}:live`;
  expect(await call('lambda')).toEqual({
    ExecutedVersion: '1',
    context: { invokedFunctionArn: arn, clientContext: { custom: { a: 1 } } },
  });
});

test('EventBridge is found, and a rule of a custom bus reaches a queue and a function', async () => {
  expect(run.warnings).toEqual([]);
  expect(await call('events')).toEqual({ FailedEntryCount: 0, received: [{ order: 7 }] });
  await listener.line(/^Worker: ok in/);
});

test('Secrets Manager is found, and a generated secret follows its template', async () => {
  const { user, password } = JSON.parse(String(await call('secret')));
  expect(user).toBe('ann');
  expect(password).toHaveLength(20);
});

test('a call of a service that is not emulated is refused, and never sent to AWS', async () => {
  expect(await call('other')).toBe('NotImplementedException');
  await listener.line(/^Caller: lambda \(POST \/2015-03-31\/functions\/other\/invocations\) is not emulated/);
});
