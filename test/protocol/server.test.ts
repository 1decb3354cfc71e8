import type { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { ListOptions } from 'cdk-streamer-client';
import { createStreamerServer, verifyWebhook } from 'cdk-streamer-client/server';
import { EventBus } from '../../lambda-src/aws/event-bus';
import { type Announcement, webhookBody } from '../../lambda-src/core/announcement';
import { signatureHeaders, signingKey } from '../../lambda-src/flows/announcements/webhook';
import { answerSubmission, readCommand, type SubmitterAction } from '../../lambda-src/flows/submit/submit';
import { fromQueued, toQueued } from '../../lambda-src/flows/topics/queue-message';
import { Bench } from '../lambda-src/support/bench';
import { type CommandVector, type PublishVector, readServerVectors } from './vectors';

/** Runs `protocol/vectors/server` against the functions and against the TypeScript client for servers: `protocol/SERVER.md`. */
interface Call {
  readonly Payload: Uint8Array;
}

/** Creates a client for servers, and records the messages that it sends to Lambda and SQS. `answer` returns the answer of both. */
function clientWith(answer: () => unknown, newId = () => 'own-1') {
  const events: unknown[] = [];
  const messages: object[] = [];
  const client = createStreamerServer({
    functionName: 'submit',
    publishQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/topics.fifo',
    maxAttempts: 1,
    newId,
    lambda: {
      send: async ({ input }: { input: Call }) => {
        events.push(JSON.parse(new TextDecoder().decode(input.Payload)));
        return answer();
      },
    },
    sqs: {
      send: async ({ input }: { input: object }) => {
        messages.push(input);
        return answer();
      },
    },
  });
  return { ...client, events, messages };
}

const payload = (text: string, failed = false) => ({
  Payload: new TextEncoder().encode(text),
  ...(failed && { FunctionError: 'Unhandled' }),
});

type Client = ReturnType<typeof clientWith>;

function send({ as }: Client, { type, tenant, user, ...fields }: Required<CommandVector>['command']): Promise<object> {
  const submitter = as({ tenant, user });
  if (type === 'list') return submitter.requests(fields as ListOptions);
  const {
    id = '',
    action = '',
    input,
    deadlineMs,
    priority,
    debounce,
    reason,
    request = 'r-1',
    name = 'approve',
    data,
  } = fields;
  if (type === 'send') return submitter.send('report', request, name, data, { id }).then(() => ({}));
  if (type === 'cancel') return submitter.cancel(id, reason);
  return type === 'status'
    ? submitter.status(id)
    : submitter.submit(action, input, { id, deadlineMs, priority, debounce });
}

describe('server/commands.json', () => {
  const commands = readServerVectors('commands');

  test.each(commands.filter(({ command }) => command))('the submit function reads $name', (vector) => {
    const read = readCommand(vector.event, vector.invocationId ?? 'i');
    const { owner, message, filter, ...others } = { message: {}, filter: {}, ...read };
    const fields = { ...others, ...filter, ...message };

    expect(JSON.parse(JSON.stringify({ ...owner, ...fields, type: read.type }))).toEqual(vector.command);
  });

  test.each(commands.filter(({ code }) => code))('the submit function answers $code: $name', async (vector) => {
    const deps = { ...new Bench().deps, actions: new Map<string, SubmitterAction>() };

    const answer = await answerSubmission(deps, vector.event, 'i');

    expect(answer).toMatchObject({ ok: false, error: { code: vector.code, retryable: false } });
  });

  test.each(commands.filter(({ sdk }) => sdk))('the client sends $name', async ({ event, command }) => {
    const client = clientWith(() => payload('{"ok":true}'));

    await send(client, command as Required<CommandVector>['command']);

    expect(client.events).toEqual([event]);
  });
});

describe('server/answers.json', () => {
  const answers = readServerVectors('answers');
  const ask = { tenant: 'acme', user: 'ann', id: 'r-1', action: 'report' };

  test.each(answers)('the client reads $name', async ({ to, failed, payload: text, report, error }) => {
    const answered = send(
      clientWith(() => payload(text, failed)),
      { type: to, input: 1, ...ask },
    );

    if (report) expect(await answered).toMatchObject(report);
    else await expect(answered).rejects.toMatchObject(error ?? {});
  });

  test('the submit function answers with the fields of the vectors', async () => {
    const actions = new Map<string, SubmitterAction>([['report', { kind: 'async', maxAttempts: 3 }]]);
    const deps = { ...new Bench().deps, actions };
    const fieldsOf = (value: object) => Object.keys(value).sort();
    const fieldsIn = (to: string) => {
      const vector = answers.find((answer) => answer.to === to && answer.report);
      return fieldsOf(JSON.parse(vector?.payload ?? ''));
    };

    for (const type of ['submit', 'status', 'send', 'cancel', 'list']) {
      const event = { type, ...ask, request: ask.id, name: 'approve' };
      expect(fieldsOf(await answerSubmission(deps, event, 'i'))).toEqual(fieldsIn(type));
    }
  });
});

describe('server/failures.json', () => {
  test.each(readServerVectors('failures'))('$name: the client throws $code', async ({ service, code, ...vector }) => {
    const { error: name, status, retryable } = vector;
    const client = clientWith(() => {
      throw Object.assign(new Error('secret'), { name, $metadata: { httpStatusCode: status } });
    });

    const done = service === 'lambda' ? client.as({ user: 'ann' }).status('r-1') : client.publish('news', 1);

    await expect(done).rejects.toMatchObject({ code, retryable });
  });
});

describe('server/publish.json', () => {
  const vectors = readServerVectors('publish');
  type Accepted = PublishVector & { message: NonNullable<PublishVector['message']> };
  const accepted = vectors.filter((vector): vector is Accepted => vector.message !== null);
  /** Characters that SQS accepts in a message. */
  const ACCEPTED = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;

  test.each(vectors)('the notifier reads $name', ({ body, message }) => {
    expect(fromQueued(body)).toEqual(message ?? undefined);
  });

  test.each(accepted)('the router sends $name', ({ message, body, groupId, deduplicationId, sdk }) => {
    const queued = toQueued(message);

    expect(queued).toMatchObject({ groupId, deduplicationId });
    expect(queued.body).toMatch(ACCEPTED);
    if (sdk !== false) expect(JSON.parse(queued.body)).toEqual(JSON.parse(body));
  });

  test.each(accepted)('the client sends $name', async ({ message, groupId, deduplicationId }) => {
    const { tenant, topic, id, data } = message;
    const client = clientWith(() => ({}));

    await client.publish(topic, data, { tenant, id });

    const [sent] = client.messages as { MessageBody: string }[];
    expect(sent).toMatchObject({ MessageGroupId: groupId, MessageDeduplicationId: deduplicationId });
    expect(sent?.MessageBody).toMatch(ACCEPTED);
    expect(JSON.parse(sent?.MessageBody ?? '')).toEqual(message);
  });

  test('every body consists of characters that SQS accepts', () => {
    expect(vectors.filter(({ body }) => !ACCEPTED.test(body))).toEqual([]);
  });
});

describe('server/announcements.json', () => {
  const announcements = readServerVectors('announcements');

  test.each(announcements)('the announcer publishes $name to the event bus', async ({ event }) => {
    const sent: PutEventsCommand[] = [];
    const client = {
      send: async (command: PutEventsCommand) => {
        sent.push(command);
        return {};
      },
    };

    await new EventBus(client as never, 'bus').send([event.detail as unknown as Announcement]);

    const [entry] = sent[0]?.input.Entries ?? [];
    expect({
      source: entry?.Source,
      'detail-type': entry?.DetailType,
      detail: JSON.parse(entry?.Detail ?? ''),
    }).toEqual(event);
  });

  test.each(announcements)('the announcer posts $name to the webhook', ({ event, webhook }) => {
    expect(JSON.parse(webhookBody(event.detail as unknown as Announcement))).toEqual(webhook);
  });
});

describe('server/webhooks.json', () => {
  const webhooks = readServerVectors('webhooks');

  test.each(webhooks.filter(({ signedWith }) => signedWith))('the sender signs $name', ({ signedWith, ...vector }) => {
    const keys = (signedWith ?? []).map(signingKey);
    const { 'webhook-id': id = '', 'webhook-timestamp': timestamp } = vector.headers;

    const headers = signatureHeaders(keys, { id, timestamp: Number(timestamp), body: vector.body });

    expect(headers).toEqual(vector.headers);
  });

  test.each(webhooks)('the receiver verifies $name: accepted $accepted', async ({
    secrets,
    headers,
    body,
    ...vector
  }) => {
    const verified = verifyWebhook({ secret: secrets, headers, body, now: () => vector.now * 1000 });

    if (vector.accepted) expect(await verified).toEqual(JSON.parse(body));
    else await expect(verified).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });
});
