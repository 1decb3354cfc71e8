import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type FaultHook, type ServedService, serveAlone } from '../../../../local/emulator/http';
import { SqsService } from '../../../../local/emulator/sqs';
import type { LogEvent } from '../../../../local/emulator/types';

const spec = { fifo: false, visibilityTimeoutMs: 30_000, delayMs: 0, retentionMs: 345_600_000 };

let server: ServedService;
let service: SqsService;
let client: SQSClient;
let QueueUrl: string;
let logged: LogEvent[];
let onCall: FaultHook;

beforeEach(async () => {
  logged = [];
  service = new SqsService({ accountId: '111122223333', region: 'eu-west-1', log: (event) => logged.push(event) });
  onCall = () => undefined;
  server = await serveAlone(service.api, { faultOf: (call) => onCall(call) });
  const endpoint = server.url;
  service.setBaseUrl(endpoint);
  ({ queueUrl: QueueUrl } = service.createQueue({ ...spec, queueName: 'work' }));
  client = new SQSClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  service.close();
  await server.close();
});

const send = (MessageBody: string, more: object = {}) =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const receive = async (more: object = {}) =>
  (await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages;

test('SQS-30 the SDK sends, receives and deletes, and accepts the digests', async () => {
  await send('päylöad', {
    MessageGroupId: 'tenant-1',
    MessageAttributes: {
      text: { DataType: 'String', StringValue: 'värde' },
      count: { DataType: 'Number', StringValue: '7' },
      bytes: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255, 1]) },
    },
  });
  const [message] = (await receive({ MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] })) ?? [];
  expect(message.Body).toBe('päylöad');
  expect(message.MessageAttributes?.bytes.BinaryValue).toEqual(new Uint8Array([0, 255, 1]));
  expect(message.Attributes).toMatchObject({
    ApproximateReceiveCount: '1',
    SenderId: '111122223333',
    MessageGroupId: 'tenant-1',
  });
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
  expect(service.queueByUrl(QueueUrl).depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
});

test('SQS-31 the attributes’ digest is the documented one', async () => {
  const attributes = { MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } } };
  const { MD5OfMessageAttributes } = await send('x', attributes);
  // the parts: length and name, length and type, 1 for a string, length and value
  const encoded = Buffer.from('00000001' + '61' + '00000006' + '537472696e67' + '01' + '00000001' + '62', 'hex');
  expect(MD5OfMessageAttributes).toBe(createHash('md5').update(encoded).digest('hex'));
});

test('SQS-32 attributes are returned only when they are requested, by name or prefix', async () => {
  await send('x', {
    MessageAttributes: {
      'a.one': { DataType: 'String', StringValue: '1' },
      b: { DataType: 'String', StringValue: '2' },
    },
  });
  const queue = service.queueByUrl(QueueUrl);
  const [bare] = (await receive()) ?? [];
  expect(bare.Attributes).toBeUndefined();
  expect(bare.MessageAttributes).toBeUndefined();
  queue.changeVisibility(bare.ReceiptHandle as string, 0);
  const [some] = (await receive({ MessageAttributeNames: ['a.*'], AttributeNames: ['SentTimestamp'] })) ?? [];
  expect(Object.keys(some.MessageAttributes ?? {})).toEqual(['a.one']);
  expect(Object.keys(some.Attributes ?? {})).toEqual(['SentTimestamp']);
});

test('SQS-33 a long poll is answered as soon as a message is sent', async () => {
  const waiting = receive({ WaitTimeSeconds: 20 });
  const queue = service.queueByUrl(QueueUrl);
  await send('late');
  const [message] = (await waiting) ?? [];
  expect(message.Body).toBe('late');
  expect(queue.depth().inFlight).toBe(1);
});

test('SQS-34 a client that closes its connection during a poll receives no message', async () => {
  const abort = new AbortController();
  const arrived = new Promise<AbortSignal>((resolve) => {
    onCall = ({ request }) => void resolve(request.signal);
  });
  const waiting = client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
    abortSignal: abort.signal,
  });
  const hungUp = once(await arrived, 'abort');
  abort.abort();
  await expect(waiting).rejects.toThrow();
  await hungUp;
  await send('kept');
  expect(service.queueByUrl(QueueUrl).depth()).toMatchObject({ visible: 1, inFlight: 0 });
});

test('SQS-35 an invalid entry of a batch fails without an effect on the others', async () => {
  const result = await client.send(
    new SendMessageBatchCommand({
      QueueUrl,
      Entries: [
        { Id: 'good', MessageBody: 'a' },
        { Id: 'bad', MessageBody: 'b', DelaySeconds: 901 },
        { Id: 'also', MessageBody: 'c', MessageGroupId: 'g' },
      ],
    }),
  );
  expect(result.Successful?.map((entry) => entry.Id)).toEqual(['good', 'also']);
  expect(result.Failed).toEqual([
    expect.objectContaining({ Id: 'bad', SenderFault: true, Code: 'InvalidParameterValue' }),
  ]);
});

test('SQS-36 batches delete and change visibility entry by entry', async () => {
  await send('a');
  await send('b');
  const [a, b] = (await receive()) ?? [];
  const changed = await client.send(
    new ChangeMessageVisibilityBatchCommand({
      QueueUrl,
      Entries: [
        { Id: 'a', ReceiptHandle: a.ReceiptHandle, VisibilityTimeout: 0 },
        { Id: 'x', ReceiptHandle: '???', VisibilityTimeout: 0 },
      ],
    }),
  );
  expect(changed.Successful?.map((entry) => entry.Id)).toEqual(['a']);
  expect(changed.Failed?.[0]).toMatchObject({ Id: 'x', Code: 'ReceiptHandleIsInvalid' });
  const deleted = await client.send(
    new DeleteMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'b', ReceiptHandle: b.ReceiptHandle }] }),
  );
  expect(deleted.Successful).toEqual([{ Id: 'b' }]);
  expect(service.queueByUrl(QueueUrl).depth()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
});

test.each([
  ['SQS-37 an unknown queue', () => client.send(new GetQueueUrlCommand({ QueueName: 'nope' })), 'QueueDoesNotExist'],
  [
    'SQS-38 an invalid receipt handle',
    () => client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'nope' })),
    'ReceiptHandleIsInvalid',
  ],
  [
    'SQS-39 an empty batch',
    () => client.send(new SendMessageBatchCommand({ QueueUrl, Entries: [] })),
    'EmptyBatchRequest',
  ],
  [
    'SQS-40 a batch of eleven',
    () => {
      const Entries = Array.from({ length: 11 }, (_, i) => ({ Id: `e${i}`, MessageBody: 'x' }));
      return client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    },
    'TooManyEntriesInBatchRequest',
  ],
  [
    'SQS-41 a repeated entry id',
    () => {
      const Entries = [1, 2].map(() => ({ Id: 'same', MessageBody: 'x' }));
      return client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    },
    'BatchEntryIdsNotDistinct',
  ],
  ['SQS-42 a message above 1 MiB', () => send('x'.repeat(1_048_577)), 'InvalidParameterValue'],
  [
    'SQS-43 a batch above 1 MiB together',
    () => {
      const Entries = [1, 2].map((i) => ({ Id: `e${i}`, MessageBody: 'x'.repeat(600_000) }));
      return client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    },
    'BatchRequestTooLong',
  ],
  ['SQS-44 a control character', () => send('\u0000'), 'InvalidMessageContents'],
  [
    'SQS-45 eleven messages in one receive',
    () => client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 11 })),
    'InvalidParameterValue',
  ],
  [
    'SQS-46 an operation that is not emulated',
    () => client.send(new CreateQueueCommand({ QueueName: 'new' })),
    'UnsupportedOperation',
  ],
])('%s is a typed error', async (_name, act, code) => {
  await expect(act()).rejects.toMatchObject({ name: code, $fault: 'client' });
});

test('SQS-47 a message of 1 MiB exactly is accepted', async () => {
  await send('x'.repeat(1_048_576));
  expect(service.queueByUrl(QueueUrl).depth().visible).toBe(1);
});

test('SQS-48 attributes can be read and set, and take effect', async () => {
  const dead = service.createQueue({ ...spec, queueName: 'dead' });
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.queueArn, maxReceiveCount: 1 });
  await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '0', RedrivePolicy } }));
  await send('poison');
  await receive();
  expect(await receive()).toBeUndefined();
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: dead.queueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'QueueArn'],
    }),
  );
  expect(Attributes).toEqual({ ApproximateNumberOfMessages: '1', QueueArn: dead.queueArn });
  const all = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  expect(all.Attributes).toMatchObject({ VisibilityTimeout: '0', RedrivePolicy, MessageRetentionPeriod: '345600' });
  expect(logged).toEqual([expect.objectContaining({ source: 'work', level: 'warn' })]);
});

test('SQS-49 queues are listed by prefix, found by name, and purged', async () => {
  service.createQueue({ ...spec, queueName: 'other' });
  const { QueueUrls } = await client.send(new ListQueuesCommand({ QueueNamePrefix: 'wo' }));
  expect(QueueUrls).toEqual([QueueUrl]);
  expect((await client.send(new GetQueueUrlCommand({ QueueName: 'work' }))).QueueUrl).toBe(QueueUrl);
  await send('x');
  await client.send(new PurgeQueueCommand({ QueueUrl }));
  expect(await receive()).toBeUndefined();
});

test('SQS-50 a consumer can return a message at once', async () => {
  await send('x');
  const [message] = (await receive()) ?? [];
  await client.send(
    new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: 0 }),
  );
  expect(await receive()).toHaveLength(1);
});

test('a broken body and a foreign target are errors, not crashes', async () => {
  const post = (target: string, body: string) =>
    fetch(QueueUrl, { method: 'POST', headers: { 'x-amz-target': target, authorization: 'AWS4-HMAC-SHA256 x' }, body });
  expect((await post('AmazonSQS.SendMessage', '{')).status).toBe(400);
  expect((await post('AmazonSQS.SendMessage', '[]')).status).toBe(400);
  expect((await post('DynamoDB_20120810.GetItem', '{}')).status).toBe(400);
  expect((await post('AmazonSQS.toString', '{}')).status).toBe(400);
});
