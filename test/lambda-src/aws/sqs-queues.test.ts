import { SQSClient } from '@aws-sdk/client-sqs';
import {
  changeVisibilities,
  changeVisibility,
  deleteMessage,
  hideForLease,
  SqsQueues,
  urlOfSource,
  urlsBeside,
} from '../../../lambda-src/aws/sqs-queues';
import { LEASE_MS } from '../../../lambda-src/core/transitions';
import { type ServedService, serveAlone } from '../../../local/emulator/http';
import { type Queue, SqsService } from '../../../local/emulator/sqs';
import { FakeClock } from '../../fakes/fake-clock';
import { TestServer } from '../support/servers';

const clock = new FakeClock();
let service: SqsService;
let server: ServedService;
let client: SQSClient;
let queues: SqsQueues;
let urls: { queueUrl: string; deadLetterQueueUrl: string };

beforeEach(async () => {
  service = new SqsService({ accountId: '000000000000', region: 'us-east-1', log: () => undefined, clock });
  server = await serveAlone(service.api);
  const endpoint = server.url;
  service.setBaseUrl(endpoint);
  const spec = { fifo: false, visibilityTimeoutMs: 60_000, delayMs: 0, retentionMs: 3_600_000 };
  const [queue, dead] = ['work', 'dead'].map((queueName) => service.createQueue({ ...spec, queueName }));
  urls = { queueUrl: queue.queueUrl, deadLetterQueueUrl: dead.queueUrl };
  client = new SQSClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    maxAttempts: 1,
  });
  queues = new SqsQueues(client, { report: urls });
});
afterEach(async () => {
  client.destroy();
  service.close();
  await server.close();
});

const queueOf = (url: string): Queue => service.queueByUrl(url);
const receiveAll = (url: string) => {
  const all = [];
  for (let batch = queueOf(url).receive(10); batch.length > 0; batch = queueOf(url).receive(10)) all.push(...batch);
  return all;
};
const message = (n: number, group = 'acme', delaySeconds = 0) => ({
  body: { requestKey: `k${n}` },
  group,
  delaySeconds,
});

test('messages are sent in batches of ten, each in the group of its tenant', async () => {
  const failed = await queues.send(
    'report',
    Array.from({ length: 23 }, (_, i) => message(i, i % 2 ? 'acme' : 'evil')),
  );
  const received = receiveAll(urls.queueUrl);

  expect(failed).toEqual([]);
  expect(new Set(received.map(({ body }) => body))).toEqual(
    new Set(Array.from({ length: 23 }, (_, i) => `{"requestKey":"k${i}"}`)),
  );
  for (const { body, attributes } of received) {
    expect(attributes.MessageGroupId).toBe(Number(/\d+/.exec(body)) % 2 ? 'acme' : 'evil');
  }
});

test('a delayed message is received after its delay', async () => {
  await queues.send('report', [message(1, 'acme', 900)]);
  clock.advance(899_999);
  expect(receiveAll(urls.queueUrl)).toEqual([]);
  clock.advance(1);

  expect(receiveAll(urls.queueUrl)).toHaveLength(1);
});

test.each([
  ['a space', 'acme inc'],
  ['letters beyond ASCII', 'größe \u{1f600}'],
  ['too many letters', 'x'.repeat(200)],
  ['many letters beyond ASCII', 'ü'.repeat(500)],
])('a tenant whose name has %s also has a valid group', async (_, tenant) => {
  await queues.send('report', [message(1, tenant), message(2, tenant)]);
  const groups = receiveAll(urls.queueUrl).map(({ attributes }) => attributes.MessageGroupId);

  expect(groups).toHaveLength(2);
  expect(groups[0]).toMatch(/^[\w-]{1,128}$/);
  expect(new Set(groups).size).toBe(1);
});

test('the failed messages of each batch are reported', async () => {
  const failing = new TestServer(({ body }, response) => {
    const { Entries } = JSON.parse(body) as { Entries: { Id: string }[] };
    const [Failed, fine] = [
      Entries.filter(({ Id }) => Number(Id) % 6 === 5),
      Entries.filter(({ Id }) => Number(Id) % 6 !== 5),
    ];
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    const Successful = fine.map(({ Id }) => ({ Id, MessageId: Id, MD5OfMessageBody: '' }));
    response.end(
      JSON.stringify({ Successful, Failed: Failed.map(({ Id }) => ({ Id, Code: 'x', SenderFault: false })) }),
    );
  });
  const endpoint = await failing.listen();
  const far = new SQSClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    md5: false,
  });
  try {
    const sent = new SqsQueues(far, { report: { queueUrl: `${endpoint}/0/work`, deadLetterQueueUrl: '' } });

    expect(
      await sent.send(
        'report',
        Array.from({ length: 13 }, (_, i) => message(i)),
      ),
    ).toEqual([5, 11]);
  } finally {
    far.destroy();
    await failing.close();
  }
});

test('a deletion gives up if the queue does not answer, because a process waits for it before it ends', async () => {
  const silent = new TestServer(() => undefined);
  const endpoint = await silent.listen();
  const far = new SQSClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  try {
    await deleteMessage(far, `${endpoint}/0/work`, 'receipt');

    expect(silent.received).toHaveLength(1);
  } finally {
    far.destroy();
    await silent.close();
  }
});

test('a dead letter is sent to the dead-letter queue', async () => {
  await queues.deadLetter('report', '{"requestKey":"k1"}');

  expect(receiveAll(urls.deadLetterQueueUrl)).toMatchObject([{ body: '{"requestKey":"k1"}' }]);
  expect(receiveAll(urls.queueUrl)).toEqual([]);
});

describe('an action with priority classes', () => {
  let classes: SqsQueues;

  beforeEach(() => {
    const names = { queue: 'work', deadLetterQueue: 'dead', priorities: { constructor: 'dead' } };
    classes = new SqsQueues(client, urlsBeside(urls.queueUrl, { report: names }));
  });

  test('the messages of a class are sent to its queue', async () => {
    await classes.send('report', [message(1)], 'constructor');
    expect(receiveAll(urls.deadLetterQueueUrl)).toHaveLength(1);
    expect(receiveAll(urls.queueUrl)).toEqual([]);
  });

  test.each([
    undefined,
    'removed',
    'toString',
  ])('messages of a class that the action does not have are sent to the queue of the action: %s', async (priority) => {
    await classes.send('report', [message(1)], priority);
    expect(receiveAll(urls.queueUrl)).toHaveLength(1);
  });
});

test('the URL of a message’s queue is derived from the ARN of its source', () => {
  expect(urlOfSource('https://sqs.eu-west-1.amazonaws.com/1/work', 'arn:aws:sqs:eu-west-1:1:work-p-high')).toBe(
    'https://sqs.eu-west-1.amazonaws.com/1/work-p-high',
  );
});

test('sending fails for an action without a queue', async () => {
  expect(['report', 'other', 'toString', '__proto__'].map((action) => queues.serves(action))).toEqual([
    true,
    false,
    false,
    false,
  ]);
  await expect(queues.send('toString', [message(1)])).rejects.toThrow('no queue for the action toString');
  await expect(queues.deadLetter('other', '')).rejects.toThrow('no queue for the action other');
});

describe('a message that is hidden', () => {
  beforeEach(() => queues.send('report', [message(1)]));
  const receive = () => receiveAll(urls.queueUrl)[0];

  test('a message that is hidden for a lease comes back two seconds after it', async () => {
    const { receiptHandle } = receive();
    clock.advance(50_000);
    await hideForLease(client, urls.queueUrl, receiptHandle);
    clock.advance(LEASE_MS + 1_999);
    expect(receive()).toBeUndefined();
    clock.advance(1);

    expect(receive()).toBeDefined();
  });

  test.each([
    [-5, 0],
    [0.2, 1_000],
    [99_999_999, 43_200_000],
  ])('a message that is hidden for %d s comes back after %i ms, as SQS allows', async (seconds, ms) => {
    const service12h = receive();
    await changeVisibility(client, urls.queueUrl, service12h.receiptHandle, seconds);
    clock.advance(Math.max(0, Math.min(ms, 3_000_000) - 1));
    expect(receive() === undefined).toBe(ms > 0);
  });

  test('the messages of a receive are hidden together, and the error names one that SQS does not know', async () => {
    const { receiptHandle } = receive();
    await changeVisibilities(client, urls.queueUrl, [receiptHandle], 5);
    clock.advance(4_999);
    expect(receive()).toBeUndefined();
    await expect(changeVisibilities(client, urls.queueUrl, [receiptHandle, 'no-such-handle'], 0)).rejects.toThrow(
      'the visibility of 1 messages',
    );
    expect(receive()).toBeDefined();
  });

  test('if a message cannot be hidden, the others are hidden', async () => {
    await expect(hideForLease(client, urls.queueUrl, 'no-such-handle')).resolves.toBeUndefined();
    await expect(changeVisibility(client, urls.queueUrl, 'no-such-handle', 1)).rejects.toThrow();
  });
});
