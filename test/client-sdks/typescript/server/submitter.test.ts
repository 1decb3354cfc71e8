import { StreamerError } from 'cdk-streamer-client';
import { errorOutcome } from '../../../../lambda-src/core/request';
import { attach } from '../../../../lambda-src/flows/requests/attach';
import { ALICE } from '../../../lambda-src/support/bench';
import { settled } from '../support/virtual-clock';
import { FakeLambda, sdkError } from './support';

const alice = { tenant: 'acme', user: 'alice' };

let lambda: FakeLambda;
beforeEach(() => {
  lambda = new FakeLambda();
});
afterEach(() => {
  expect(lambda.clock.pending).toBe(0);
});

const as = (options = {}) => lambda.server(options).as(alice);
const ended = <T>(promise: Promise<T>) => lambda.ended(promise);

test('requests lists the requests of that user only, page by page', async () => {
  await as().submit('report', { year: 2024 }, { id: 'r1' });
  await lambda.bench.platform.advance(1);
  await as().submit('report', { year: 2025 }, { id: 'r2' });
  await lambda.server().as({ tenant: 'acme', user: 'bob' }).submit('report', { year: 2026 }, { id: 'r3' });
  const first = await as().requests({ action: 'report', limit: 1 });

  expect(first).toEqual({
    requests: [expect.objectContaining({ id: 'r2', status: 'PENDING', input: { year: 2025 } })],
    cursor: expect.any(String),
  });
  expect(await as().requests({ cursor: first.cursor })).toEqual({ requests: [expect.objectContaining({ id: 'r1' })] });
  expect(lambda.events.at(-1)).toEqual({ type: 'list', cursor: first.cursor, tenant: 'acme', user: 'alice' });
  await expect(as().requests({ limit: 51 })).rejects.toMatchObject({ code: 'INVALID_MESSAGE' });
});

describe('submit', () => {
  test('submit stores a request of the user, and returns its state', async () => {
    const submitted = await as().submit('report', { year: 2024 }, { id: 'r1' });

    expect(submitted).toEqual({
      id: 'r1',
      action: 'report',
      status: 'PENDING',
      createdAt: lambda.bench.platform.now(),
      ref: 'id-1',
      epoch: 'id-2',
      run: 1,
      replayed: false,
    });
    expect(await as().status('r1')).toMatchObject({ id: 'r1', status: 'PENDING', run: 1, attempt: 0 });
    expect(await lambda.bench.stored()).toMatchObject({ tenant: 'acme', user: 'alice', input: '{"year":2024}' });
    expect(lambda.functionNames).toEqual(['submit', 'submit']);
  });

  test('submit passes the time before which the work must not start, and the status shows it', async () => {
    const processAfter = new Date(lambda.bench.platform.now() + 3_600_000);
    await as().submit('report', { year: 2024 }, { id: 'r1', processAfter });

    const notBefore = processAfter.getTime();
    expect(lambda.events).toMatchObject([{ type: 'submit', id: 'r1', input: { year: 2024 }, notBefore }]);
    expect(await as().status('r1')).toMatchObject({ status: 'PENDING', notBefore });
  });

  test('a start that only the server refuses is described with the name of the option', async () => {
    const processAfter = lambda.bench.platform.now() + 367 * 86_400_000;
    expect(processAfter - Date.now()).toBeLessThan(366 * 86_400_000);
    await expect(as().submit('report', { year: 2024 }, { processAfter })).rejects.toMatchObject({
      code: 'INVALID_MESSAGE',
      message: expect.stringContaining('`processAfter` must be at most 366 days ahead'),
    });
  });

  test('submit makes an id where none is given, and sends it again in each repetition', async () => {
    lambda.first = [
      sdkError('TooManyRequestsException', 429),
      sdkError('ServiceException', 500),
      sdkError('TimeoutError'),
    ];
    const { value } = (await ended(as().submit('report', { year: 1 }))) as { value: { id: string } };

    expect(value.id).toBe('own-1');
    expect(lambda.events.map(({ id }) => id)).toEqual(['own-1', 'own-1', 'own-1', 'own-1']);
    expect(lambda.bench.memory.all('requests')).toHaveLength(1);
  });

  test('a submission whose answer was lost creates only one request', async () => {
    lambda.onAnswer = () => {
      lambda.onAnswer = () => undefined;
      sdkError('ECONNRESET')();
    };

    expect(await ended(as().submit('report', { year: 1 }))).toMatchObject({ value: { replayed: true } });
    expect(lambda.bench.memory.all('requests')).toHaveLength(1);
  });

  test('submit uses the default tenant if none is given', async () => {
    await lambda.server().as({ user: 'ann' }).submit('report', { year: 1 });

    expect(lambda.bench.memory.all('requests')).toMatchObject([{ tenant: 'default', user: 'ann' }]);
  });

  test.each<[string, (submitter: ReturnType<typeof as>) => Promise<unknown>, string]>([
    ['an action that there is not', (by) => by.submit('none' as 'report', { year: 1 }), 'UNKNOWN_ACTION'],
    ['a sync action', (by) => by.submit('echo' as 'report', { year: 1 }), 'UNKNOWN_ACTION'],
    ['an input that the schema refuses', (by) => by.submit('report', { year: 'x' } as never), 'INVALID_INPUT'],
    ['an id of another payload', (by) => by.submit('report', { year: 2 }, { id: 'taken' }), 'DUPLICATE_REQUEST'],
  ])('submit reports the reason why the server refuses %s, and is not repeated', async (_, call, code) => {
    await as().submit('report', { year: 1 }, { id: 'taken' });
    const error = await call(as()).catch((thrown) => thrown);

    expect(error).toBeInstanceOf(StreamerError);
    expect(error).toMatchObject({ code, retryable: false });
    expect(lambda.events).toHaveLength(2);
  });

  test.each<[string, (submitter: ReturnType<typeof as>) => Promise<unknown>, string]>([
    ['an invalid id', (by) => by.submit('report', { year: 1 }, { id: 'a b' }), 'INVALID_MESSAGE'],
    ['an input that JSON cannot hold', (by) => by.submit('report', { year: Number.NaN }), 'INVALID_INPUT'],
    ['a status of an invalid id', (by) => by.status('../x'), 'INVALID_MESSAGE'],
    ['a cancellation with a reason that is too long', (by) => by.cancel('r1', 'x'.repeat(257)), 'INVALID_MESSAGE'],
  ])('submit refuses %s without a call', async (_, call, code) => {
    await expect(call(as())).rejects.toMatchObject({ code });
    expect(lambda.events).toEqual([]);
  });

  test('an API without payloads refuses an input that does not fit into a message', async () => {
    const call = as().submit('report', { year: 'x'.repeat(40_000) } as never);

    await expect(call).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE', retryable: false });
    expect(lambda.events).toMatchObject([{ type: 'upload', action: 'report', bytes: 40_011 }]);
  });
});

describe('cancel', () => {
  test('cancel ends a request that waits, and those who wait for it get the reason', async () => {
    const request = await as().submit('report', { year: 1 });

    expect(await as().cancel(request.id, 'wrong year')).toEqual({ id: request.id, status: 'CANCELLED', run: 1 });
    expect(await ended(as().wait(request))).toMatchObject({
      error: { code: 'CANCELLED', details: { reason: 'wrong year' } },
    });
  });

  test('cancel notifies a request that runs, whose partial result its waiter gets', async () => {
    const request = await as().submit('report', { year: 1 });
    await lambda.report(request.id, 10);

    expect(await as().cancel(request.id)).toMatchObject({ status: 'RUNNING' });
    const error = JSON.stringify({ code: 'CANCELLED', message: 'The request was cancelled.', retryable: false });
    await lambda.cancelled(request.id, { kind: 'error', error, partial: { body: '{"pages":3}' } });
    expect(await ended(as().wait(request))).toMatchObject({ error: { code: 'CANCELLED', partial: { pages: 3 } } });
    expect(await as().status(request.id)).toMatchObject({ status: 'CANCELLED', partial: { pages: 3 } });
  });

  test("cancel does not find another user's request", async () => {
    const { id } = await as().submit('report', { year: 1 });

    await expect(lambda.server().as({ user: 'bob' }).cancel(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('send', () => {
  const inbox = () => lambda.bench.memory.all('events').filter(({ messageId }) => messageId !== undefined);

  test('send stores a message to the request, and each repetition has the same id', async () => {
    const { id } = await as().submit('report', { year: 1 });
    lambda.first = [sdkError('TooManyRequestsException', 429), sdkError('ServiceException', 500)];

    expect(await ended(as().send('report', id, 'approve', { ok: true }))).toEqual({ value: undefined });
    const event = { type: 'send', request: id, name: 'approve', data: { ok: true }, tenant: 'acme', user: 'alice' };
    expect(lambda.events.slice(1)).toEqual(Array(3).fill({ ...event, id: 'own-2' }));
    expect(inbox()).toMatchObject([{ messageId: 'own-2', name: 'approve', data: '{"ok":true}' }]);
  });

  test('messages with the same id are one message', async () => {
    const { id } = await as().submit('report', { year: 1 });
    await as().send('report', id, 'approve', { ok: true }, { id: 'm1' });
    await as().send('report', id, 'approve', { ok: false }, { id: 'm1' });

    expect(inbox()).toMatchObject([{ messageId: 'm1', data: '{"ok":true}' }]);
  });

  test('send reports the reason why the server refuses a message', async () => {
    const { id } = await as().submit('report', { year: 1 });

    await expect(as().send('report', 'none', 'approve', { ok: true })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(as().send('report', id, 'approve', {} as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await as().cancel(id);
    await expect(as().send('report', id, 'approve', { ok: true })).rejects.toMatchObject({ code: 'REQUEST_ENDED' });
  });

  test.each<[string, (submitter: ReturnType<typeof as>) => Promise<unknown>, string]>([
    ['an invalid id of a request', (by) => by.send('report', '../x', 'approve', { ok: true }), 'INVALID_MESSAGE'],
    ['an invalid name', (by) => by.send('report', 'r1', 'a b' as 'approve', { ok: true }), 'INVALID_MESSAGE'],
    ['an invalid action', (by) => by.send('1st' as 'report', 'r1', 'approve', { ok: true }), 'INVALID_MESSAGE'],
    [
      'data that JSON cannot represent',
      (by) => by.send('report', 'r1', 'approve', Number.NaN as never),
      'INVALID_INPUT',
    ],
  ])('send refuses %s without a call', async (_, call, code) => {
    await expect(call(as())).rejects.toMatchObject({ code });
    expect(lambda.events).toEqual([]);
  });
});

describe('wait', () => {
  test('wait resolves with the result, and reads the status at growing intervals', async () => {
    const request = await as().submit('report', { year: 1 });
    const times: number[] = [];
    lambda.onAnswer = async () => {
      times.push(lambda.clock.now());
      if (times.length === 4) await lambda.finish(request.id, { kind: 'result', body: '{"url":"x"}' });
    };
    const outcome = await ended(as().wait(request));

    expect(outcome).toEqual({ value: { url: 'x' } });
    expect(times).toEqual([250, 500, 875, 1_437.5, 2_281.25]);
  });

  test('wait reads the status at once if the request may have ended, and later every 5 seconds at most', async () => {
    await as().submit('report', { year: 1 }, { id: 'r1' });
    const times: number[] = [];
    lambda.onAnswer = () => times.push(lambda.clock.now());
    const outcome = ended(as().wait('r1', { timeoutMs: 40_000 }));

    expect(await outcome).toMatchObject({ error: { code: 'TIMEOUT' } });
    expect(times[0]).toBe(0);
    expect(Math.max(...times.slice(1).map((time, i) => time - times[i]))).toBe(5_000);
  });

  test('wait reports each change of progress once', async () => {
    const request = await as().submit('report', { year: 1 });
    const reports: unknown[] = [];
    let asked = 0;
    lambda.onAnswer = async () => {
      asked += 1;
      if (asked === 1) await lambda.report(request.id, 10, 'begins');
      if (asked === 4) await lambda.report(request.id, 60, 'half');
      if (asked === 6) await lambda.finish(request.id, { kind: 'result', body: '{"url":"x"}' });
    };
    await ended(as().wait(request, { onProgress: (progress) => reports.push(progress) }));

    expect(reports).toEqual([
      { percentage: 10, message: 'begins', run: 1, attempt: 1 },
      { percentage: 60, message: 'half', run: 1, attempt: 1 },
    ]);
  });

  test('wait rejects with the error of a request that failed', async () => {
    const request = await as().submit('report', { year: 1 });
    const error = { code: 'NO_DATA', message: 'None.', retryable: false, details: { month: 2 }, retryAfter: 9 };
    await lambda.finish(request.id, errorOutcome(error));

    expect(await ended(as().wait(request))).toMatchObject({ error });
  });

  test('wait does not find a request of another user', async () => {
    await as().submit('report', { year: 1 }, { id: 'r1' });
    const mallory = lambda.server().as({ tenant: 'evil', user: 'alice' });

    await expect(mallory.wait('r1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('wait continues after a throttle', async () => {
    const request = await as().submit('report', { year: 1 });
    await lambda.finish(request.id, { kind: 'result', body: 'null' });
    lambda.first = Array.from({ length: 4 }, () => sdkError('TooManyRequestsException', 429));

    expect(await ended(as().wait(request))).toEqual({ value: null });
  });

  test('wait ends after its timeout, even while Lambda does not answer', async () => {
    lambda.first = [() => new Promise(() => undefined)];
    const waiting = as().wait('r1', { timeoutMs: 1_000 });
    const outcome = expect(waiting).rejects.toMatchObject({ code: 'TIMEOUT', details: { timeoutMs: 1_000 } });
    await settled();
    await lambda.clock.advance(1_000);

    await outcome;
  });

  test('wait ends when the signal fires, and the request continues', async () => {
    const request = await as().submit('report', { year: 1 });
    const controller = new AbortController();
    const waiting = as().wait(request, { signal: controller.signal });
    const outcome = expect(waiting).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    await settled();
    controller.abort('enough');

    await outcome;
    expect(await lambda.bench.stored(request.id)).toMatchObject({ status: 'PENDING' });
  });

  test('wait makes no call if the signal has already fired', async () => {
    await expect(as().wait('r1', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
    expect(lambda.events).toEqual([]);
  });
});

test('a browser of the same user can attach to a request that a server submitted', async () => {
  await lambda.bench.connect(ALICE);
  const { id } = await as().submit('report', { year: 1 });

  expect(await attach(lambda.bench.deps, ALICE, { type: 'attach', id, offset: 0 })).toMatchObject({
    status: 'PENDING',
  });
});
