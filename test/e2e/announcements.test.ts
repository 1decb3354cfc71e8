import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StreamerClient } from 'cdk-streamer-client';
import { type StreamerWebhookEvent, verifyWebhook } from 'cdk-streamer-client/server';
import WebSocket from 'ws';
import type { LogEvent } from '../../local/emulator/types';
import { type LocalRun, startLocalRun } from '../../local/run';
import { announcingApp } from './announcements/app';
import { until } from './run';

/** An app with an event bus and a webhook in a local run. This file receives the webhook's requests. */
const dir = mkdtempSync(join(tmpdir(), 'announcing-'));
const log: LogEvent[] = [];
const received: { headers: IncomingHttpHeaders; body: string; status: number }[] = [];
let answers: number[] = [];
let receiver: Server;
let local: LocalRun;
let client: StreamerClient;

beforeAll(async () => {
  receiver = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
    const status = answers.shift() ?? 204;
    received.push({ headers: req.headers, body: Buffer.concat(chunks).toString(), status });
    res.writeHead(status).end();
  });
  await new Promise<void>((resolve) => {
    receiver.listen(0, '127.0.0.1', resolve);
  });
  const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook?token=hidden`;
  announcingApp(dir, hook).synth();
  local = await startLocalRun({
    assemblyDir: dir,
    port: 0,
    log: (event) => log.push(event),
    runtimeClient: join(__dirname, '../../lib/local/runtime-client.js'),
  });
  client = new StreamerClient(String(local.url), {
    token: () => (local.issuer as NonNullable<LocalRun['issuer']>).issueToken({ sub: 'ann', tenant: 'acme' }),
    webSocket: WebSocket as never,
  });
});

beforeEach(() => {
  received.splice(0);
  answers = [];
});

afterAll(async () => {
  client?.close();
  await local?.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

/** Events that the rule's function received. */
const recordings = () => log.flatMap(({ message }) => /recorded (\{.*\})$/.exec(message)?.[1] ?? []);

const verified = (delivery: (typeof received)[number]): Promise<StreamerWebhookEvent> =>
  verifyWebhook({ ...delivery, secret: local.secrets.value(local.physicalName('Streamer/Webhook/Secret')) });

const accepted = (count: number) =>
  until('webhooks accepted', () => {
    const done = received.filter(({ status }) => status < 300);
    return done.length >= count && done;
  });

test('the bus and the webhook are notified of a completed request, without its input and result', async () => {
  expect(local.warnings).toEqual([]);
  const id = 'first';
  await client.request('work', { text: 'private' }, { id });

  const [delivery] = await accepted(1);
  const event = await verified(delivery as never);
  const recorded = await until('the rule', () => recordings()[0]);

  expect(event).toEqual({
    type: 'request.completed',
    timestamp: event.data.endedAt,
    data: {
      eventId: expect.stringMatching(/^evt_[\w-]{32}$/),
      api: expect.stringContaining('Streamer'),
      id,
      tenant: 'acme',
      user: 'ann',
      action: 'work',
      status: 'COMPLETED',
      run: 1,
      attempt: 1,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      endedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    },
  });
  expect(JSON.parse(recorded)).toEqual(event.data);
  expect(delivery?.body).not.toContain('private');
  expect(delivery?.headers['webhook-id']).toBe(event.data.eventId);
});

test('a webhook that fails twice is sent again with the same id and a new signature until it is accepted', async () => {
  answers = [500, 503];
  const failed = client.request('work', { fail: true }, { id: 'second' });
  await expect(failed).rejects.toMatchObject({ code: 'NO_PAPER' });

  const [delivery] = await accepted(1);
  const event = await verified(delivery as never);

  expect(event.type).toBe('request.failed');
  expect(event.data.error).toEqual({ code: 'NO_PAPER', message: 'There is no paper.', retryable: false });
  expect(received.map(({ status }) => status)).toEqual([500, 503, 204]);
  expect(new Set(received.map(({ body }) => body)).size).toBe(1);
  expect(new Set(received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([event.data.eventId]));
  await Promise.all(received.map(verified));

  const others = local.sqs.queueByUrl(local.physicalName('Others'));
  const [other] = await until('the queue of the rule', () => {
    const messages = others.receive(10);
    return messages.length > 0 && messages;
  });
  const { source, detail, ...rest } = JSON.parse(String(other?.body));
  expect([source, rest['detail-type']]).toEqual(['cdk-streamer', 'Streamer Request Failed']);
  expect(detail).toEqual(event.data);
});

test('a notification for a webhook that answers 410 is not retried, and goes to the dead-letter queue', async () => {
  answers = [410];
  await client.request('work', {}, { id: 'third' });

  const dead = local.sqs.queueByUrl(local.physicalName('Streamer/Webhook/DeadLetters'));
  const [message] = await until('the dead letter', () => {
    const messages = dead.receive(10);
    return messages.length > 0 && messages;
  });
  expect(JSON.parse(String(message?.body))).toMatchObject({ type: 'request.completed', data: { id: 'third' } });
  expect(received.map(({ status }) => status)).toEqual([410]);
});

test('neither the secret nor the URL is in any log', () => {
  const text = JSON.stringify(log);
  expect(text).not.toContain(local.secrets.value(local.physicalName('Streamer/Webhook/Secret')));
  expect(text).not.toContain('token=hidden');
});
