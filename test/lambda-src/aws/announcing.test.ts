import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { inBatches } from '../../../lambda-src/aws/batches';
import { EventBus } from '../../../lambda-src/aws/event-bus';
import { postJson } from '../../../lambda-src/aws/http-post';
import { SecretKeys } from '../../../lambda-src/aws/secret-keys';
import { WebhookQueue } from '../../../lambda-src/aws/sqs-queues';
import { type Announcement, webhookBody } from '../../../lambda-src/core/announcement';
import { type BusEvent, EventBusService } from '../../../local/emulator/eventbridge';
import { type AwsService, type ServedService, serveAlone } from '../../../local/emulator/http';
import { SecretsService } from '../../../local/emulator/secrets-manager';
import { SqsService } from '../../../local/emulator/sqs';
import { TestServer } from '../support/servers';

/** Tests the adapters with the SDK's clients and the services of a local run. */
const options = { accountId: '123456789012', region: 'eu-west-1', log: () => undefined };
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const served: ServedService[] = [];

async function serve({
  api,
}: {
  readonly api: AwsService;
}): Promise<{ endpoint: string; region: string; credentials: object; maxAttempts: 1 }> {
  const server = await serveAlone(api);
  served.push(server);
  return { endpoint: server.url, region: 'eu-west-1', credentials, maxAttempts: 1 };
}

afterEach(async () => {
  for (const server of served.splice(0)) await server.close();
});

const announcement = (id: string, changes: Partial<Announcement> = {}): Announcement => ({
  eventId: `evt_${id}`,
  api: 'Api',
  id,
  tenant: 'acme',
  user: 'ann',
  action: 'report',
  status: 'COMPLETED',
  run: 1,
  attempt: 1,
  createdAt: '2026-01-31T10:00:00.000Z',
  endedAt: '2026-01-31T10:05:00.000Z',
  ...changes,
});

const many = (count: number) => Array.from({ length: count }, (_, i) => announcement(`r${i}`));

describe('the event bus', () => {
  test('the event bus gets each announcement as an event, in batches of ten', async () => {
    const buses = new EventBusService(options);
    const got: BusEvent[] = [];
    const deliver = (json: string) => void got.push(JSON.parse(json));
    buses.addRule({
      ruleName: 'r',
      ruleArn: 'a',
      pattern: { source: ['cdk-streamer'] },
      targets: [{ name: 't', deliver }],
    });
    const client = new EventBridgeClient((await serve(buses)) as never);

    expect(await new EventBus(client, 'default').send(many(23))).toEqual([]);

    expect(got).toHaveLength(23);
    expect(got.find(({ detail }) => (detail as Announcement).id === 'r0')).toMatchObject({
      'detail-type': 'Streamer Request Completed',
      time: '2026-01-31T10:05:00Z',
      detail: announcement('r0'),
    });
    client.destroy();
  });

  test('the sink reports which announcements the event bus did not accept', async () => {
    const answer = (entries: { Detail: string }[]) =>
      entries.map(({ Detail }) => (/r(11|3)"/.test(Detail) ? { ErrorCode: 'ThrottlingException' } : { EventId: 'e' }));
    const server = new TestServer(({ body }, response) => {
      const Entries = answer(JSON.parse(body).Entries);
      const FailedEntryCount = Entries.filter((entry) => 'ErrorCode' in entry).length;
      response.end(JSON.stringify({ FailedEntryCount, Entries }));
    });
    const endpoint = await server.listen();
    const client = new EventBridgeClient({ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 });

    expect(await new EventBus(client, 'default').send(many(12))).toEqual([3, 11]);
    client.destroy();
    await server.close();
  });
});

test("the webhook's queue gets the bodies, in one message group per tenant", async () => {
  const sqs = new SqsService(options);
  const spec = { queueName: 'hooks', fifo: false, visibilityTimeoutMs: 1000, delayMs: 0, retentionMs: 60_000 };
  const { queueUrl } = sqs.createQueue(spec);
  const client = new SQSClient((await serve(sqs)) as never);
  const announcements = [...many(11), announcement('other', { tenant: 'Größe' })];

  expect(await new WebhookQueue(client, queueUrl).send(announcements)).toEqual([]);

  const queue = sqs.queueByUrl(queueUrl);
  const messages = [...queue.receive(10), ...queue.receive(10)];
  expect(messages.map(({ body }) => body).sort()).toEqual(announcements.map(webhookBody).sort());
  expect(new Set(messages.map(({ attributes }) => attributes.MessageGroupId)).size).toBe(2);
  client.destroy();
  sqs.close();
});

describe('batches', () => {
  const items = Array.from({ length: 25 }, (_, i) => i);

  test('a batch that throws fails alone', async () => {
    const failed = await inBatches(items, async (batch) => {
      if (batch[0] === 10) throw new Error('down');
      return batch.length === 5 ? [1] : [];
    });
    expect(failed).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21]);
  });

  test('if all batches throw, the error is thrown', async () => {
    await expect(inBatches(items, () => Promise.reject(new Error('down')))).rejects.toThrow('down');
  });

  test('an empty batch sends nothing', async () => {
    expect(await inBatches([], () => Promise.reject(new Error('called')))).toEqual([]);
  });
});

describe('the keys of a secret', () => {
  const [first, second, third] = [1, 2, 3].map((n) => Buffer.alloc(24, n));
  let now: number;
  let secrets: SecretsService;
  let client: SecretsManagerClient;
  let keys: SecretKeys;
  const calls = () =>
    (client.send as jest.Mock).mock.calls.filter(([command]) => command instanceof GetSecretValueCommand);

  beforeEach(async () => {
    now = 0;
    secrets = new SecretsService(options);
    secrets.create({ name: 'key', arn: 'arn:key-123456', value: `whsec_${first?.toString('base64')}` });
    client = new SecretsManagerClient((await serve(secrets)) as never);
    jest.spyOn(client, 'send');
    keys = new SecretKeys(client, 'arn:key-123456', () => now);
  });
  afterEach(() => client.destroy());

  test('the keys of a secret are cached for five minutes', async () => {
    expect(await Promise.all([keys.get(), keys.get()])).toEqual([[first], [first]]);
    now = 299_999;
    await keys.get();
    expect(calls()).toHaveLength(2);
    now = 300_000;
    await keys.get();
    expect(calls()).toHaveLength(4);
  });

  test('the keys of a secret are those of the current and the previous version', async () => {
    secrets.put('key', String(second?.toString('base64')));
    expect(await keys.get()).toEqual([second, first]);
  });

  test('the keys of a secret leave out a previous version that is not a valid key', async () => {
    secrets.put('key', 'a mistake');
    secrets.put('key', String(third?.toString('base64')));
    expect(await keys.get()).toEqual([third]);
  });

  test('the keys of a secret are read again after a failure', async () => {
    secrets.put('key', 'a mistake');
    await expect(keys.get()).rejects.toThrow("the webhook's secret must be");
    secrets.put('key', String(third?.toString('base64')));
    expect(await keys.get()).toEqual([third]);
  });

  test('keys of a secret that does not exist are an error', async () => {
    const other = new SecretKeys(client, 'other', () => now);
    await expect(other.get()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('a POST', () => {
  let server: TestServer;
  const post = async (url: string, timeoutMs = 5000) =>
    postJson(url, { 'webhook-id': 'evt_1' }, '{"a":"é"}', { timeoutMs, now: () => 0 });
  afterEach(() => server.close());

  test('a POST has the unchanged body, and reports status and Retry-After', async () => {
    server = new TestServer((_, response) => void response.writeHead(429, { 'retry-after': '7' }).end('slow down'));
    expect(await post(`${await server.listen()}/hook?x=1`)).toEqual({ status: 429, retryAfterSeconds: 7 });
    expect(server.received).toMatchObject([
      {
        method: 'POST',
        path: '/hook?x=1',
        body: '{"a":"é"}',
        headers: { 'content-type': 'application/json', 'webhook-id': 'evt_1', 'user-agent': 'cdk-streamer' },
      },
    ]);
  });

  test('a POST follows no redirect', async () => {
    server = new TestServer((_, response) => void response.writeHead(307, { location: '/elsewhere' }).end());
    expect(await post(await server.listen())).toMatchObject({ status: 307 });
    expect(server.received).toHaveLength(1);
  });

  test("a POST does not wait for an answer's body that never ends", async () => {
    server = new TestServer((_, response) => void response.writeHead(200).write('x'));
    expect(await post(await server.listen())).toMatchObject({ status: 200 });
  });

  test('a POST ends if the receiver does not answer in time', async () => {
    server = new TestServer(() => undefined);
    await expect(post(await server.listen(), 50)).rejects.toThrow('no answer in time');
  });

  test('if no server listens, a POST fails with an error that does not contain the URL', async () => {
    server = new TestServer(() => undefined);
    const url = await server.listen();
    await server.close();
    await expect(post(`${url}/?token=hidden`)).rejects.toThrow(/^no answer: ECONNREFUSED$/);
    server = new TestServer(() => undefined);
    await server.listen();
  });
});
