import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { App, Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { Code, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { OnDisconnect, StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';
import { type ActionsOf, createLocalStreamer, type LocalStreamer } from 'cdk-streamer/testing';

type Actions = ActionsOf<{
  echo: typeof import('../e2e/fixture/handlers/echo');
  steps: typeof import('../e2e/fixture/handlers/steps');
  brief: typeof import('../e2e/fixture/handlers/steps');
  chat: typeof import('../e2e/fixture/handlers/steps');
}>;

const nightly = {
  name: 'nightly',
  schedule: ScheduleExpression.cron({ hour: '3', minute: '0', timeZone: TimeZone.EUROPE_BERLIN }),
  input: { steps: 1, stepMs: 1 },
  user: 'night',
  tenant: 'acme',
};
const HANDLERS = {
  echo: StreamerHandler.sync('handlers/echo.ts'),
  steps: StreamerHandler.async('handlers/steps.ts', {
    schedules: [
      nightly,
      { ...nightly, name: 'off', enabled: false },
      { ...nightly, name: 'wrong', input: {}, enabled: false },
    ],
  }),
  brief: StreamerHandler.async('handlers/steps.ts', { deadline: Duration.seconds(2) }),
  chat: StreamerHandler.async('handlers/steps.ts', { onDisconnect: OnDisconnect.cancelAfter(Duration.seconds(2)) }),
};
const projectRoot = join(__dirname, '../e2e/fixture');
const jwt = StreamerAuth.jwt({ issuer: 'https://issuer.example.com/', audience: ['e2e'], tenantClaim: 'tenant' });

function stackWith(auth: StreamerAuth = jwt, app = new App()): Stack {
  const stack = new Stack(app, 'Tested');
  new StreamerApi(stack, 'Streamer', { projectRoot, auth, handlers: HANDLERS });
  return stack;
}

describe('with tokens', () => {
  let streamer: LocalStreamer<Actions>;
  beforeAll(async () => {
    streamer = await createLocalStreamer<Actions>(stackWith());
  });
  afterAll(() => streamer?.close());

  test('a client of a user sends a request, with the types of the handlers', async () => {
    const client = streamer.client({ user: 'ann', tenant: 'acme' });

    const answer = await client.request('echo', { text: 'hello' });

    expect(answer).toMatchObject({ text: 'hello' });
  });

  test('a request can be waited for, and its log can be read', async () => {
    const result = await streamer
      .client({ user: 'bob', tenant: 'acme' })
      .request('steps', { steps: 2, stepMs: 1 }, { id: 'waited' });
    const ended = await streamer.ended('waited');

    expect(ended).toMatchObject({
      action: 'steps',
      tenant: 'acme',
      user: 'bob',
      status: 'COMPLETED',
      attempt: 1,
      run: 1,
      result,
    });
    expect(ended.input).toEqual({ steps: 2, stepMs: 1 });
    expect(ended.log.map(({ name }) => name)).toEqual([
      '$attempt',
      ...ended.log.slice(1, -1).map(({ name }) => name),
      '$end',
    ]);
    expect(ended.progress?.percentage).toBeGreaterThan(0);
  });

  test('a request ends at the deadline of its action, or at its own deadline if it is earlier', async () => {
    const client = streamer.client({ user: 'gil' });
    const deadlineOf = async (id: string, deadlineMs: number) => {
      const request = client.request('brief', { steps: 1_000, stepMs: 100 }, { id, deadlineMs });
      await expect(request).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
      const items = await streamer.items('Streamer/Requests/Table');
      const { deadlineAt, createdAt } = items.find((item) => item.id === id) as Record<string, number>;
      return deadlineAt - createdAt;
    };

    expect(await deadlineOf('by-action', 60_000)).toBe(2_000);
    expect(await deadlineOf('by-request', 1_500)).toBe(1_500);
  });

  test.each([
    ['that pauses', { steps: 1_000, stepMs: 100 }],
    ['that blocks its thread', { steps: 1, stepMs: 120_000, busy: true }],
  ])('a request with a handler %s is cancelled after its user leaves', async (what, input) => {
    const id = `left ${what}`.replaceAll(' ', '-');
    const client = streamer.client({ user: 'hal' });
    const request = client.request('chat', input, { id });
    request.catch(() => undefined);
    while ((await streamer.request(id))?.status !== 'RUNNING') await new Promise((resolve) => setTimeout(resolve, 50));
    client.close();
    const ended = await streamer.ended(id);

    expect(ended).toMatchObject({ status: 'CANCELLED', attempt: 1 });
    expect(ended.error).toMatchObject({ code: 'CANCELLED', details: { reason: 'all viewers have left' } });
  });

  test('a request continues if its user comes back in time, or while another device of the user watches', async () => {
    const [first, second] = [streamer.client({ user: 'ida' }), streamer.client({ user: 'ida' })];
    const started = new Promise<void>((resolve) => {
      const options = { id: 'kept', onProgress: () => resolve() };
      first.request('chat', { steps: 60, stepMs: 100 }, options).catch(() => undefined);
    });
    await started;
    first.close();
    await new Promise((resolve) => setTimeout(resolve, 500));

    expect(await second.attach('chat', { id: 'kept' })).toMatchObject({ steps: 60, attempt: 1 });
  });

  test('the latest of several requests with one debounce key runs, and the others end with SUPERSEDED', async () => {
    const client = streamer.client({ user: 'jay' });
    const debounce = { key: 'draft', waitMs: 4_000 };
    const outcomes: Promise<unknown>[] = [];
    for (const id of ['draft-1', 'draft-2', 'draft-3']) {
      const outcome = client.request('steps', { steps: 1, stepMs: 1 }, { id, debounce });
      outcomes.push(outcome.catch((error: { code: string; details: unknown }) => [error.code, error.details]));
      while (!(await streamer.request(id))) await new Promise((resolve) => setTimeout(resolve, 20));
    }

    expect(await Promise.all(outcomes)).toEqual([
      ['SUPERSEDED', { by: 'draft-2' }],
      ['SUPERSEDED', { by: 'draft-3' }],
      expect.objectContaining({ steps: 1, attempt: 1 }),
    ]);
    expect((await streamer.ended('draft-1')).attempt).toBe(0);
    const other = await client.request('steps', { steps: 1, stepMs: 1 }, { debounce: { key: 'other', waitMs: 1 } });
    expect(other).toMatchObject({ steps: 1 });
  });

  test('a schedule can be run at any time, and its request belongs to the configured user', async () => {
    const before = Date.now();
    const { id, scheduledAt } = streamer.runSchedule('nightly');
    expect(scheduledAt).toBeGreaterThan(before - 1000);
    expect(await streamer.ended(id)).toMatchObject({
      action: 'steps',
      tenant: 'acme',
      user: 'night',
      status: 'COMPLETED',
      input: { steps: 1, stepMs: 1 },
    });
  });

  test('each run of a schedule is a separate request, even if the schedule is disabled', async () => {
    const runs = [streamer.runSchedule('steps/off'), streamer.runSchedule('steps/off')];
    const ended = await Promise.all(runs.map(({ id }) => streamer.ended(id)));
    expect(ended.map(({ status }) => status)).toEqual(['COMPLETED', 'COMPLETED']);
    expect(new Set(ended.map(({ id }) => id)).size).toBe(2);
  });

  test('the wait for a request of a schedule ends at once if the submit function refuses the submission', async () => {
    const { id } = streamer.runSchedule('wrong');
    await expect(streamer.ended(id, { timeoutMs: 240_000 })).rejects.toThrow(
      /there is no request .+: INVALID_INPUT: .*steps/,
    );
  });

  test('a schedule that does not exist is refused with the names of those that exist', () => {
    expect(() => streamer.runSchedule('weekly')).toThrow(
      'no schedule is named weekly: steps/nightly, steps/off, steps/wrong',
    );
  });

  test('the wait for a request that is never sent ends with an error', async () => {
    await expect(streamer.ended('nobody', { timeoutMs: 50 })).rejects.toThrow(
      'has not ended after 50 ms: there is no request with this id',
    );
    expect(await streamer.request('nobody')).toBeUndefined();
  });

  test('requests of two users with the same id are distinguished', async () => {
    for (const user of ['carl', 'dora'])
      await streamer.client({ user }).request('steps', { steps: 1, stepMs: 1 }, { id: 'same' });

    expect((await streamer.ended('same', { user: 'dora' })).user).toBe('dora');
    await expect(streamer.request('same')).rejects.toThrow('several users have a request same; pass `user`, one of: ');
  });

  test('an expired token is refused', async () => {
    const client = streamer.client({ user: 'late', expiresInSeconds: -60 });

    await expect(client.connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });

  test('functions, tables, queues and SDK clients are available', async () => {
    expect(await streamer.items('Streamer/Connections/Table')).toEqual(expect.any(Array));
    expect(streamer.messages('Processors/steps/DeadLetters')).toEqual([]);
    const sqs = new SQSClient(streamer.aws('sqs'));
    const queue = new GetQueueAttributesCommand({
      QueueUrl: streamer.physicalName('Processors/steps/Queue'),
      AttributeNames: ['QueueArn'],
    });
    expect((await sqs.send(queue)).Attributes?.QueueArn).toContain('steps');
    sqs.destroy();
    expect(() => streamer.aws('polly')).toThrow('`service` must be one that the local run has: dynamodb');
    await expect(streamer.invoke('Router', {})).rejects.toThrow();
    expect(streamer.logs.map(({ message }) => message).join('\n')).toContain('Tested');
  });

  test('the wait ends when a killed function has ended', async () => {
    await new Promise<void>((resolve, reject) => {
      const options = { id: 'killed', onProgress: () => resolve() };
      streamer.client({ user: 'eve' }).request('steps', { steps: 100, stepMs: 100 }, options).catch(reject);
    });

    expect(await streamer.kill('steps')).toBe(1);
    expect((await streamer.request('killed'))?.status).toBe('RUNNING');
    await expect(streamer.kill('echo')).rejects.toThrow('no separate function runs echo');
    await expect(streamer.kill('steps', { timeoutMs: 1 })).rejects.toThrow('no process has run steps within 1 ms');
  });
});

test('visitors have no login, only a name that the test chooses', async () => {
  const streamer = await createLocalStreamer<Actions>(stackWith(StreamerAuth.none()));
  try {
    const { user } = (await streamer.client({ user: 'ann' }).request('echo', { text: 'x' })) as { user: string };
    const again = (await streamer.client({ user: 'ann' }).request('echo', { text: 'x' })) as { user: string };
    const other = (await streamer.client({ user: 'bob' }).request('echo', { text: 'x' })) as { user: string };

    expect(user).toMatch(/^visitor-/);
    expect(again.user).toBe(user);
    expect(other.user).not.toBe(user);
    await expect(streamer.token({ tenant: 'acme' })).rejects.toThrow(
      '`tenant` must not be given: visitors have no login',
    );
  } finally {
    await streamer.close();
  }
});

test('with a custom authorizer the caller passes the token', async () => {
  const app = new App();
  const authorizer = new Lambda(new Stack(app, 'Own'), 'Authorizer', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline(`exports.handler = async ({ methodArn, headers }) => ({
      principalId: 'p', context: { user: 'own', tenant: 't' },
      policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: methodArn }] } });`),
  });
  const streamer = await createLocalStreamer<Actions>(stackWith(StreamerAuth.custom(authorizer), app));
  try {
    expect(await streamer.client({}, { token: 'mine' }).request('echo', { text: 'x' })).toMatchObject({ user: 'own' });
    await expect(streamer.token()).rejects.toThrow('pass a token, as in client(identity, { token })');
  } finally {
    await streamer.close();
  }
});

test('an app whose temporary folder was removed after its first run is refused with that reason', async () => {
  const app = new App();
  const stack = stackWith(jwt, app);
  const streamer = await createLocalStreamer(stack);
  await Promise.all([streamer.close(), streamer.close()]);

  expect(existsSync(app.outdir)).toBe(false);
  await expect(createLocalStreamer(stack)).rejects.toThrow('Create a new app for each run');
});

test('an app’s own folder stays, and may be run again', async () => {
  const outdir = mkdtempSync(join(tmpdir(), 'own-outdir-'));
  const stack = stackWith(jwt, new App({ outdir }));
  for (let start = 0; start < 2; start++) await (await createLocalStreamer(stack)).close();

  expect(existsSync(join(outdir, 'manifest.json'))).toBe(true);
});

test('an app that cannot be run is refused with the reason, and leaves nothing behind', async () => {
  const app = new App();

  await expect(createLocalStreamer({} as never)).rejects.toThrow('expected an App, or a Stack');
  await expect(createLocalStreamer(new Stack(app, 'Empty'))).rejects.toThrow('the app has no WebSocket API');
  expect(existsSync(app.outdir)).toBe(false);
});
