import { InvokeCommand } from '@aws-sdk/client-lambda';
import { AnywhereRun, Storage } from './anywhere/run';

/** Connections without a token of an issuer, and requests without a connection, in a local run of one small app. */

let run: AnywhereRun;
beforeAll(async () => {
  run = await AnywhereRun.start();
});
afterAll(() => run?.close());

const offered = (secret: string) => ['streamer.v1', `bearer.${Buffer.from(secret).toString('base64url')}`];
const SECRET = 'Zb8mX1cN4qTfW7hK2pR9sV0yA3dG6jL5nQoUwEiBtYx';

describe('without a login', () => {
  test('each visitor is a separate user, and the same user on each visit', async () => {
    const storage = new Storage();
    const ask = async (by: Storage) => run.visitor(by).request('echo', { text: 'hi' });
    const first = await ask(storage);

    expect(first).toEqual({ text: 'hi', user: expect.stringMatching(/^visitor-[\w-]{43}$/), tenant: 'default' });
    expect(await ask(storage)).toEqual(first);
    expect((await ask(new Storage())).user).not.toBe(first.user);
  });

  test("a visitor does not find another visitor's request", async () => {
    const id = 'mine';
    await run.visitor().request('steps', { steps: 1 }, { id });

    await expect(run.visitor().attach('steps', { id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test.each<[what: string, protocols: string[], headers: Record<string, string>, status: number]>([
    ['a secret', offered(SECRET), {}, 101],
    ['a secret from the page that is allowed', offered(SECRET), { Origin: 'https://app.example' }, 101],
    ['a secret from another page', offered(SECRET), { Origin: 'https://evil.example' }, 403],
    ['no secret', ['streamer.v1'], {}, 401],
    ['a name in its place', offered('ann'), {}, 401],
    ['an invalid secret', offered('a'.repeat(43)), {}, 401],
  ])('without a login: %s: %#', async (_, protocols, headers, status) => {
    expect(await run.handshake(run.visitorsUrl, protocols, headers)).toBe(status);
  });
});

describe('with a custom authorizer', () => {
  test('with a custom authorizer, its context names tenant and user', async () => {
    expect(await run.ticket({ user: 'ann', tenant: 'acme' }).request('echo', { text: 'hi' })).toEqual({
      text: 'hi',
      user: 'ann',
      tenant: 'acme',
    });
    expect(await run.ticket({ user: 'ann' }).request('echo', { text: 'hi' })).toMatchObject({ tenant: 'default' });
  });

  test.each([
    [{ user: 'ann' }, 101],
    [{ user: 'ann', exp: Math.floor(Date.now() / 1000) + 60 }, 101],
    [{ user: 'ann', exp: Math.floor(Date.now() / 1000) - 100 }, 401],
    [{ tenant: 'acme' }, 502],
    [{ user: 'x'.repeat(257) }, 502],
    [{ user: 'ann', tenant: '' }, 502],
    [{ user: 'ann', exp: 'tomorrow' }, 502],
  ])('the context %j: %d', async (context, status) => {
    const url = `${run.ticketsUrl}?ticket=${encodeURIComponent(JSON.stringify(context))}`;

    expect(await run.handshake(url, ['streamer.v1'])).toBe(status);
  });

  test('the authorizer is not invoked for a handshake without the required parts', async () => {
    expect(await run.handshake(run.ticketsUrl, ['streamer.v1'])).toBe(401);
  });
});

describe('a request without a connection', () => {
  const identity = { tenant: 'acme', user: 'ann' };

  test('a request without a connection from a program runs to its result', async () => {
    const ann = run.server().as(identity);
    const reports: number[] = [];
    const request = await ann.submit('steps', { steps: 4, stepMs: 300 }, { id: 'from-outside' });
    const result = await ann.wait(request, {
      timeoutMs: 150_000,
      onProgress: ({ percentage }) => reports.push(percentage),
    });

    expect(result).toEqual({ steps: 4, attempt: 1, padding: '' });
    expect(reports).toEqual([...reports].sort((a, b) => a - b));
    expect(await ann.status('from-outside')).toMatchObject({ status: 'COMPLETED', attempt: 1, result });
    expect(await ann.submit('steps', { steps: 4, stepMs: 300 }, { id: 'from-outside' })).toMatchObject({
      status: 'COMPLETED',
      replayed: true,
    });
  });

  test('a request that several programs submit at once is one request', async () => {
    const submit = () => run.server().as(identity).submit('steps', { steps: 1 }, { id: 'at-once' });
    const requests = await Promise.all([submit(), submit(), submit(), submit()]);

    expect(requests.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(requests.map(({ epoch }) => epoch)).size).toBe(1);
    await expect(run.server().as(identity).submit('steps', { steps: 2 }, { id: 'at-once' })).rejects.toMatchObject({
      code: 'DUPLICATE_REQUEST',
    });
  });

  test('a program answers the question of a running request, and the schema of the handler checks the answer', async () => {
    const ann = run.server().as(identity);
    const request = await ann.submit('steps', { steps: 1, asks: true });
    await expect(ann.send('steps', request.id, 'answer', { padding: 7 } as never)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await ann.send('steps', request.id, 'answer', { padding: 'approved' });

    expect(await ann.wait(request, { timeoutMs: 150_000 })).toMatchObject({ padding: 'approved' });
    await expect(ann.send('steps', request.id, 'answer', { padding: 'late' })).rejects.toMatchObject({
      code: 'REQUEST_ENDED',
    });
  });

  test('a request without a connection can have a long result', async () => {
    const ann = run.server().as(identity);
    const { padding } = await ann.wait(await ann.submit('steps', { steps: 1, resultBytes: 50_000 }));

    expect(padding).toHaveLength(50_000);
  });

  test('a request without a connection that fails rejects with the error that the handler threw', async () => {
    const ann = run.server().as(identity);
    const request = await ann.submit('steps', { steps: 1, failOn: [1], failWith: 'shown' });

    await expect(ann.wait(request)).rejects.toMatchObject({ code: 'NO_DATA', retryable: false });
  });

  test.each<[string, string, object, string]>([
    ['a sync action', 'echo', { text: 'hi' }, 'UNKNOWN_ACTION'],
    ['an action that there is not', 'none', {}, 'UNKNOWN_ACTION'],
    ['an input that the schema next to the handler rejects', 'steps', { steps: 'four' }, 'INVALID_INPUT'],
  ])('a request without a connection for %s is refused', async (_, action, input, code) => {
    await expect(
      run
        .server()
        .as(identity)
        .submit(action as 'steps', input as never),
    ).rejects.toMatchObject({ code });
  });

  test('a request without a connection from a handler of the app is watched live by the browser of its user', async () => {
    const client = run.visitor();
    const { id, status } = await client.request('relay', { steps: 5, stepMs: 200 });
    expect(status).toBe('PENDING');
    const steps: unknown[] = [];
    const percentages: number[] = [];
    const result = await client.attach(
      'steps',
      { id },
      { onEvent: ({ data }) => steps.push(data), onProgress: ({ percentage }) => percentages.push(percentage) },
    );

    expect(result).toMatchObject({ steps: 5 });
    expect(percentages.length).toBeGreaterThan(0);
    expect(percentages).toEqual([...percentages].sort((a, b) => a - b));
    expect(steps).toEqual([1, 2, 3, 4, 5].map((step) => ({ step, attempt: 1 })));
    await expect(run.visitor().attach('steps', { id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a schedule or a shell submits a request without a connection and without waiting for an answer', async () => {
    const event = { type: 'submit', action: 'steps', input: { steps: 1 }, id: 'nightly', ...identity };
    const Payload = new TextEncoder().encode(JSON.stringify(event));
    const invoke = () =>
      run.lambda.send(new InvokeCommand({ FunctionName: run.submitFunction, InvocationType: 'Event', Payload }));
    expect((await invoke()).StatusCode).toBe(202);
    await invoke();
    const ann = run.server().as(identity);
    const isStored = () => ann.status('nightly').then(Boolean, () => false);
    while (!(await isStored())) await new Promise((resolve) => setTimeout(resolve, 20));

    await expect(ann.wait('nightly')).resolves.toMatchObject({ steps: 1, attempt: 1 });
  });
});
