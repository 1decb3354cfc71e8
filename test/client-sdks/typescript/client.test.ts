import { connected, failureOf, start, TOKEN } from './support/client-world';
import { ack, event, marker, progress, result } from './support/frames';
import { settled } from './support/virtual-clock';

test('An expired token is replaced on a new connection, and the request continues', async () => {
  let asked = 0;
  const { client, network, clock } = await connected({ token: () => `token-${++asked}` });
  const outcome = client.request('report');
  const error = { code: 'TOKEN_EXPIRED', message: 'Expired.', retryable: false };
  network.newest.frame({ type: 'error', id: 'r-1', for: 'request', error });
  await clock.advance(500);
  network.newest.accept();
  expect(network.takeFrames()).toHaveLength(2);
  network.newest.frame({ type: 'response', id: 'r-1', result: 1 });
  await expect(outcome).resolves.toBe(1);
  expect(asked).toBe(2);
});

test('An expired token that cannot be replaced fails the request', async () => {
  const { client, network } = await connected();
  const failure = failureOf(client.request('report'));
  const error = { code: 'TOKEN_EXPIRED', message: 'Expired.', retryable: false };
  network.newest.frame({ type: 'error', id: 'r-1', for: 'request', error });
  await expect(failure).resolves.toMatchObject({ code: 'TOKEN_EXPIRED', message: 'Expired.' });
});

describe('A request', () => {
  test('A request reports its state, its progress and its events', async () => {
    const { client, network } = await connected();
    const seen: unknown[] = [];
    const outcome = client.request(
      'report',
      { year: 2024 },
      {
        onState: ({ status, offset, percentage }) => seen.push([status, offset, percentage]),
        onProgress: (report) => seen.push(report),
        onEvent: (report) => seen.push(report),
      },
    );
    const frames = [
      ack(),
      marker(0, 1),
      progress({ afterOffset: 1, percentage: 40, message: 'half' }),
      event(1),
      result(2),
    ];
    for (const frame of frames) network.newest.frame(frame);
    await expect(outcome).resolves.toBe('done');
    expect(seen).toEqual([
      ['PENDING', 0, 0],
      ['PENDING', 0, 0],
      ['RUNNING', 1, 0],
      { percentage: 40, message: 'half', run: 1, attempt: 1 },
      ['RUNNING', 1, 40],
      { name: 'row', data: { n: 1 }, offset: 1 },
      ['RUNNING', 2, 40],
      ['COMPLETED', 2, 100],
    ]);
  });

  test('A request continues in another client from the last snapshot', async () => {
    const first = await connected();
    let saved: { id: string } = { id: '' };
    first.client.request('report', 1, { onState: (snapshot) => (saved = snapshot) }).catch(() => undefined);
    for (const frame of [ack(), marker(0, 1), progress({ afterOffset: 1, percentage: 40 })])
      first.network.newest.frame(frame);
    first.client.close();

    const second = await connected();
    const reports: number[] = [];
    const outcome = second.client.attach('report', JSON.parse(JSON.stringify(saved)), {
      onProgress: ({ percentage }) => reports.push(percentage),
    });
    expect(second.network.takeFrames()).toEqual([{ type: 'attach', id: 'r-1', offset: 1, epoch: 'e-1', ref: 'ref-1' }]);
    const older = progress({ afterOffset: 1, percentage: 30 });
    second.network.newest.frame(ack({ status: 'RUNNING', offset: 1, recovered: true, progress: older }));
    second.network.newest.frame(result(1));
    await expect(outcome).resolves.toBe('done');
    expect(reports).toEqual([40]);
  });

  test('A request fails with the error of the server', async () => {
    const { client, network } = await connected();
    const failure = failureOf(client.request('report'));
    const error = { code: 'MY_OWN', message: 'No.', retryable: true, details: { a: 1 }, retryAfter: 3 };
    network.newest.frame({ type: 'error', id: 'r-1', offset: 0, run: 1, error });
    await expect(failure).resolves.toMatchObject({ name: 'StreamerError', ...error });
  });

  test('A request is refused if the client already waits for the same id', async () => {
    const { client } = await connected();
    client.request('report', 1, { id: 'same' }).catch(() => undefined);
    await expect(failureOf(client.request('report', 1, { id: 'same' }))).resolves.toMatchObject({
      code: 'DUPLICATE_REQUEST',
    });
  });

  test('A request that is not valid opens no connection', async () => {
    const { client, network } = start();
    await expect(failureOf(client.request('report', 1n))).resolves.toMatchObject({ code: 'INVALID_INPUT' });
    await settled();
    expect(network.sockets).toHaveLength(0);
  });

  test('A request that is aborted before it began is never sent', async () => {
    const { client, network } = await connected();
    const signal = AbortSignal.abort('why');
    await expect(failureOf(client.request('report', 1, { signal }))).resolves.toMatchObject({
      code: 'ABORTED',
      cause: 'why',
    });
    expect(network.takeFrames()).toEqual([]);
  });

  test('A request removes its signal listener when it ends', async () => {
    const { client, network } = await connected();
    const { signal } = new AbortController();
    const added = jest.spyOn(signal, 'addEventListener');
    const removed = jest.spyOn(signal, 'removeEventListener');
    const outcome = client.request('report', 1, { signal });
    network.newest.frame({ type: 'response', id: 'r-1', result: 1 });
    await outcome;
    expect(added).toHaveBeenCalledTimes(1);
    expect(removed.mock.calls).toEqual(added.mock.calls);
  });

  test('A request that one of its listeners aborts calls no further listener and leaves no timer', async () => {
    const { client, network } = await connected();
    const controller = new AbortController();
    const events: number[] = [];
    const failure = failureOf(
      client.request('report', 1, {
        signal: controller.signal,
        onEvent: ({ offset }) => {
          events.push(offset);
          controller.abort();
        },
      }),
    );
    network.newest.frame(ack({ entries: [event(0), event(1), result(2)], offset: 3 }));
    await expect(failure).resolves.toMatchObject({ code: 'ABORTED' });
    expect(events).toEqual([0]);
  });

  test('A request ends with its timeout, with or without a connection', async () => {
    const { client, clock } = start();
    const failure = failureOf(client.request('report', 1, { timeoutMs: 1_000 }));
    await clock.advance(1_000);
    await expect(failure).resolves.toMatchObject({ code: 'TIMEOUT', details: { timeoutMs: 1_000 } });
  });

  test('A request may have a separate ack timeout', async () => {
    const { client, clock, network } = await connected();
    client.request('slow', 1, { ackTimeoutMs: 20_000 }).catch(() => undefined);
    await clock.advance(19_999);
    expect(network.takeFrames()).toHaveLength(1);
    await clock.advance(1);
    expect(network.takeFrames()).toHaveLength(1);
  });

  test('A request continues if a listener throws', async () => {
    const { client, network, thrown } = await connected();
    const outcome = client.request('report', 1, {
      onEvent: () => {
        throw new Error('mine');
      },
    });
    for (const frame of [ack(), event(0), result(1)]) network.newest.frame(frame);
    await expect(outcome).resolves.toBe('done');
    expect(thrown).toEqual([new Error('mine')]);
  });
});

describe('A closed client', () => {
  test('The calls of a closed client fail', async () => {
    const { client } = await connected();
    client.close();
    client.close();
    const failures = await Promise.all(
      [client.connect(), client.request('a'), client.attach('a', { id: 'x' })].map(failureOf),
    );
    expect(failures.map(({ code }) => code)).toEqual(['CLIENT_CLOSED', 'CLIENT_CLOSED', 'CLIENT_CLOSED']);
  });

  test('Closing a client fails a pending connect, and closes its socket', async () => {
    const { client, network } = start();
    const failure = failureOf(client.connect());
    await settled();
    client.close();
    await expect(failure).resolves.toMatchObject({ code: 'CLIENT_CLOSED' });
    expect(network.records.map(({ kind }) => kind)).toEqual(['connect', 'close']);
  });

  test('A closed client opens no socket when its token arrives late', async () => {
    let give: (token: string) => void = () => undefined;
    const { client, network } = start({ token: () => new Promise((resolve) => (give = resolve)) });
    client.connect().catch(() => undefined);
    await settled();
    client.close();
    give('late');
    await settled();
    expect(network.sockets).toHaveLength(0);
  });
});

test('After two unanswered copies of a message, the client probes the connection', async () => {
  const { client, network, clock } = await connected();
  client.request('report', 1).catch(() => undefined);
  await clock.advance(24_000);
  expect(network.takeFrames().map((frame) => (frame as { type: string }).type)).toEqual([
    'request',
    'request',
    'request',
    'ping',
  ]);
});

test('No error contains the token', async () => {
  const errors: unknown[] = [];
  const { client, network, clock, states } = start();
  client.request('report', 1, { timeoutMs: 3_000 }).catch((error) => errors.push(error));
  await settled();
  network.newest.reject(500);
  await clock.advance(3_000);
  const shown = [...errors, ...states].map((thing) => JSON.stringify(thing, Object.getOwnPropertyNames(thing)));
  expect(errors).toHaveLength(1);
  expect(shown.join()).not.toContain(TOKEN);
  expect(shown.join()).not.toContain(Buffer.from(TOKEN).toString('base64url'));
});
