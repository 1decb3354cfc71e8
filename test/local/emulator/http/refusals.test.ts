import { ApiGatewayManagementApiClient, DeleteConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createDynamoDb } from '../../../../local/emulator/dynamodb';
import { EventBusService } from '../../../../local/emulator/eventbridge';
import { EntryPoint, type Fault } from '../../../../local/emulator/http';
import { LambdaApi } from '../../../../local/emulator/lambda/api';
import { S3Service } from '../../../../local/emulator/s3';
import { SecretsService } from '../../../../local/emulator/secrets-manager';
import { SqsService } from '../../../../local/emulator/sqs';
import { WebSocketGateway } from '../../../../local/emulator/websocket-api';
import { apiSpec, usualFunctions } from '../websocket-api/support';

/** Errors of the entry point, as the SDK's client for each service reports them. */
const account = { accountId: '123456789012', region: 'eu-west-1', log: () => undefined };
let entryPoint: EntryPoint;
let origin: string;
let fault: Fault | undefined;
let allowed = true;
const asked: string[] = [];

beforeAll(async () => {
  entryPoint = new EntryPoint({
    log: () => undefined,
    allows: ({ action }) => asked.push(action) > 0 && allowed,
    faultOf: () => fault,
  });
  const invoker = usualFunctions();
  entryPoint.mountService('/dynamodb', createDynamoDb().api);
  entryPoint.mountService('/events', new EventBusService(account).api);
  entryPoint.mountService('/lambda', new LambdaApi({ invoker, find: () => undefined, log: () => undefined }));
  entryPoint.mountService('/s3', new S3Service(account).api);
  entryPoint.mountService('/secrets', new SecretsService(account).api);
  entryPoint.mountService('/sqs', new SqsService(account).api);
  entryPoint.mountService('/live/@connections', new WebSocketGateway(apiSpec(), invoker, account).management);
  origin = `http://127.0.0.1:${await entryPoint.listen(0, '127.0.0.1')}`;
  entryPoint.open();
});

afterAll(() => entryPoint.close());

beforeEach(() => {
  fault = undefined;
  allowed = true;
  asked.length = 0;
});

const config = (path: string) => ({
  endpoint: `${origin}${path}`,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
});

/** One call to each service, with its action. */
const CALLS: Readonly<Record<string, readonly [action: string, call: () => Promise<unknown>]>> = {
  dynamodb: ['dynamodb:ListTables', () => new DynamoDBClient(config('/dynamodb')).send(new ListTablesCommand({}))],
  events: [
    'events:PutEvents',
    () => new EventBridgeClient(config('/events')).send(new PutEventsCommand({ Entries: [{}] })),
  ],
  lambda: [
    'lambda:InvokeFunction',
    () => new LambdaClient(config('/lambda')).send(new InvokeCommand({ FunctionName: 'worker' })),
  ],
  s3: [
    's3:GetObject',
    () =>
      new S3Client({ ...config('/s3'), forcePathStyle: true }).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' })),
  ],
  secretsmanager: [
    'secretsmanager:GetSecretValue',
    () => new SecretsManagerClient(config('/secrets')).send(new GetSecretValueCommand({ SecretId: 's' })),
  ],
  sqs: ['sqs:ListQueues', () => new SQSClient(config('/sqs')).send(new ListQueuesCommand({}))],
  'execute-api': [
    'execute-api:ManageConnections',
    () =>
      new ApiGatewayManagementApiClient(config('/live')).send(new DeleteConnectionCommand({ ConnectionId: 'nobody' })),
  ],
};

/** Returns the name and the status of the error with which a call fails. */
async function errorOf(service: string): Promise<unknown> {
  const [, call] = CALLS[service] ?? [];
  return call?.().then(
    () => 'no error',
    ({ name, $metadata }) => [name, $metadata?.httpStatusCode],
  );
}

test.each(Object.entries(CALLS))('the access check receives the action of %s', async (service, [action]) => {
  await errorOf(service);
  expect(asked).toEqual([action]);
});

test.each([
  ['dynamodb', 'AccessDeniedException', 400],
  ['events', 'AccessDeniedException', 400],
  ['lambda', 'AccessDeniedException', 403],
  ['s3', 'AccessDenied', 403],
  ['secretsmanager', 'AccessDeniedException', 400],
  ['sqs', 'AccessDeniedException', 400],
  ['execute-api', 'AccessDeniedException', 403],
])('a denied call of %s is %s, %i', async (service, name, status) => {
  allowed = false;
  expect(await errorOf(service)).toEqual([name, status]);
});

test.each([
  ['dynamodb', 'ThrottlingException', 400],
  ['events', 'ThrottlingException', 400],
  ['lambda', 'TooManyRequestsException', 429],
  ['s3', 'SlowDown', 503],
  ['secretsmanager', 'ThrottlingException', 400],
  ['sqs', 'ThrottlingException', 400],
  ['execute-api', 'LimitExceededException', 429],
])('a throttled call of %s is %s, %i', async (service, name, status) => {
  fault = { outcome: 'throttle' };
  expect(await errorOf(service)).toEqual([name, status]);
});

test.each([
  ['dynamodb', 'InternalServerError', 500],
  ['events', 'InternalFailure', 500],
  ['lambda', 'ServiceException', 500],
  ['s3', 'InternalError', 500],
  ['secretsmanager', 'InternalFailure', 500],
  ['sqs', 'InternalFailure', 500],
  ['execute-api', 'InternalFailure', 500],
])('an internal error of %s is %s, %i', async (service, name, status) => {
  fault = { outcome: 'error' };
  expect(await errorOf(service)).toEqual([name, status]);
});

test.each(Object.keys(CALLS))('a dropped call of %s has no response', async (service) => {
  fault = { outcome: 'drop' };
  expect(await errorOf(service)).toEqual([expect.any(String), undefined]);
});
