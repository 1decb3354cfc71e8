import type { RequestSnapshot } from 'cdk-streamer-client';
import { type E2eRun, startE2e, until } from './run';

let e2e: E2eRun;
beforeAll(async () => {
  e2e = await startE2e();
});
afterAll(() => e2e?.close());

describe('a synthesized app on the local run', () => {
  test('a synthesized app on the local run answers a sync action in the route response, with the user of the token', async () => {
    const client = e2e.client({ sub: 'bob', tenant: 'globex' });
    await expect(client.request('echo', { text: 'hello' })).resolves.toEqual({
      text: 'hello',
      user: 'bob',
      tenant: 'globex',
    });
  });

  test('a synthesized app on the local run runs an async action with live progress and events, each once and in order', async () => {
    const percentages: number[] = [];
    const steps: unknown[] = [];
    const result = await e2e.client().request(
      'steps',
      { steps: 5, stepMs: 150 },
      {
        onProgress: ({ percentage }) => percentages.push(percentage ?? -1),
        onEvent: ({ data }) => steps.push(data),
      },
    );
    expect(result).toMatchObject({ steps: 5, attempt: 1 });
    expect(steps).toEqual([1, 2, 3, 4, 5].map((step) => ({ step, attempt: 1 })));
    expect(percentages).toEqual([...percentages].sort((a, b) => a - b));
    expect(percentages.length).toBeGreaterThan(1);
  });

  test('a synthesized app on the local run retries a failed request under the same id, and resets the percentage with the new attempt', async () => {
    const attempts: number[] = [];
    const result = await e2e.client().request(
      'steps',
      { steps: 4, stepMs: 60, failOn: [1] },
      {
        onProgress: ({ attempt }) => attempts.push(attempt),
      },
    );
    expect(result.attempt).toBe(2);
    expect(new Set(attempts)).toEqual(new Set([1, 2]));
  });

  test('a synthesized app on the local run continues a request in slices, as one request with one log and one result', async () => {
    const percentages: number[] = [];
    const events: unknown[] = [];
    const snapshots: RequestSnapshot[] = [];
    const result = await e2e.client().request(
      'steps',
      { steps: 2, slices: 3, stepMs: 50 },
      {
        onProgress: ({ percentage }) => percentages.push(percentage),
        onEvent: ({ data }) => events.push(data),
        onState: (snapshot) => snapshots.push(snapshot),
      },
    );
    expect(result).toMatchObject({ steps: 6, attempt: 1 });
    expect(events).toHaveLength(6);
    expect(percentages).toEqual([...percentages].sort((a, b) => a - b));
    expect(snapshots.at(-1)).toMatchObject({ run: 1, attempt: 1, fence: 3, slice: 3 });
  });

  test('another device starts at the latest snapshot of a long request, and the first device gets every event', async () => {
    const id = 'with-snapshots';
    const [first, late, whole]: unknown[][] = [[], [], []];
    const onEvent = ({ data }: { data: unknown }) => first.push((data as { step: number }).step);
    const input = { steps: 7, stepMs: 20, snapshotEvery: 3, failOn: [1] };
    await e2e.client().request('steps', input, { id, onEvent });
    const seen: unknown[] = [];
    const result = await e2e.client().attach(
      'steps',
      { id },
      {
        onSnapshot: ({ data, skipped, attempt }) => seen.push({ data, skipped, attempt }),
        onEvent: ({ data }) => late.push((data as { step: number }).step),
      },
    );
    await e2e.client().attach('steps', { id }, { onEvent: ({ data }) => whole.push((data as { step: number }).step) });

    expect(result.attempt).toBe(2);
    expect(first).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7]);
    expect(whole).toEqual(first);
    // The markers of both attempts are entries, too.
    expect(seen).toEqual([{ data: { step: 6 }, skipped: 12, attempt: 2 }]);
    expect(late).toEqual([7]);
  });

  test('a request and a sync action continue while the client replaces its connection, and the state stays connected', async () => {
    const states: string[] = [];
    let connections = 0;
    const token = () => {
      connections += 1;
      return e2e.token();
    };
    const timing = { moveAfterMs: 250, moveSpreadMs: 0 };
    const client = e2e.client({}, { token, timing, onStateChange: (state) => states.push(state) });
    const steps: unknown[] = [];
    const steady = client.request('steps', { steps: 12, stepMs: 150 }, { onEvent: ({ data }) => steps.push(data) });
    const echoes: unknown[] = [];
    for (let n = 0; n < 10; n++) echoes.push(await client.request('echo', { text: `${n}` }));
    await expect(steady).resolves.toMatchObject({ steps: 12, attempt: 1 });
    expect(steps).toEqual(Array.from({ length: 12 }, (_, n) => ({ step: n + 1, attempt: 1 })));
    expect(echoes).toHaveLength(10);
    expect(states).toEqual(['connecting', 'connected']);
    expect(connections).toBeGreaterThan(2);
  });

  test('a synthesized app on the local run gives a running request the messages that another device sends', async () => {
    const other = e2e.client();
    const refusals: unknown[] = [];
    const result = await e2e.client().request(
      'steps',
      { steps: 1, asks: true },
      {
        id: 'asks',
        onEvent: async ({ name }) => {
          if (name !== 'question') return;
          await other.send('steps', 'asks', 'answer', { padding: 7 } as never).catch((error) => refusals.push(error));
          await other.send('steps', 'asks', 'answer', { padding: 'approved' });
        },
      },
    );
    expect(result).toMatchObject({ steps: 1, padding: 'approved' });
    expect(refusals).toMatchObject([{ code: 'INVALID_INPUT' }]);
    await expect(other.send('steps', 'asks', 'answer', { padding: 'late' })).rejects.toMatchObject({
      code: 'REQUEST_ENDED',
    });
  });

  test('a synthesized app on the local run shows an error that the handler creates for its client, and does not retry the request', async () => {
    const failed = e2e.client().request('steps', { steps: 2, failOn: [1, 2, 3], failWith: 'shown' });
    await expect(failed).rejects.toMatchObject({ code: 'NO_DATA', message: 'There is no data for that month.' });
  });

  test('the message of an exception is hidden from the client', async () => {
    const failed = e2e.client().request('steps', { steps: 2, failOn: [1, 2, 3], failWith: 'plain' });
    const error = await failed.then(
      () => undefined,
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code: 'HANDLER_ERROR' });
    expect(JSON.stringify(error)).not.toContain('db-17');
  });

  test('a request with `processAfter` waits until then, and starts within seconds', async () => {
    const processAfter = new Date(Date.now() + 3_000);
    let startedAt = 0;
    const onEvent = () => {
      startedAt ||= Date.now();
    };
    await e2e.client().request('steps', { steps: 1, stepMs: 1 }, { processAfter, onEvent });

    expect(startedAt).toBeGreaterThanOrEqual(processAfter.getTime());
    expect(startedAt).toBeLessThan(processAfter.getTime() + 15_000);
  });

  test('a synthesized app on the local run refuses an input before it acknowledges the request', async () => {
    const failed = e2e.client().request('steps', { steps: 'three' } as never);
    await expect(failed).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('a synthesized app on the local run answers the same id with the same request, and another payload with DUPLICATE_REQUEST', async () => {
    const client = e2e.client();
    const first = client.request('steps', { steps: 3, stepMs: 50 }, { id: 'same-id' });
    const other = e2e.client();
    await expect(first).resolves.toMatchObject({ steps: 3 });
    await expect(other.request('steps', { stepMs: 50, steps: 3 }, { id: 'same-id' })).resolves.toMatchObject({
      steps: 3,
    });
    await expect(other.request('steps', { steps: 4 }, { id: 'same-id' })).rejects.toMatchObject({
      code: 'DUPLICATE_REQUEST',
    });
  });

  test('a synthesized app on the local run lets a second device of the same user watch, and nobody else', async () => {
    const id = 'watched';
    const first = e2e.client().request('steps', { steps: 8, stepMs: 150 }, { id });
    await expect(e2e.client({ sub: 'eve' }).attach('steps', { id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(e2e.client({ tenant: 'globex' }).attach('steps', { id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const seen: number[] = [];
    const second = e2e.client().attach('steps', { id }, { onEvent: ({ offset }) => seen.push(offset) });
    const results = await Promise.all([first, second]);
    expect(results[1]).toEqual(results[0]);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('a synthesized app on the local run continues after a lost connection with no gap and no duplicate', async () => {
    const offsets: number[] = [];
    const client = e2e.client();
    const done = client.request('steps', { steps: 10, stepMs: 120 }, { onEvent: ({ offset }) => offsets.push(offset) });
    const [gateway] = e2e.local.gateways;
    for (const after of [2, 5, 8]) {
      await until(`${after} events`, () => offsets.length >= after);
      for (const { connectionId } of gateway.connections()) gateway.disconnect(connectionId);
    }
    await done;
    expect(offsets).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('a request that ended long before is shown to a client that attaches later', async () => {
    const id = 'ended';
    const result = await e2e.client().request('steps', { steps: 2, resultBytes: 50_000 }, { id });
    const snapshots: RequestSnapshot[] = [];
    const late = await e2e.client().attach('steps', { id }, { onState: (state) => snapshots.push(state) });
    expect(late).toEqual(result);
    expect(snapshots.at(-1)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  });

  test('a synthesized app on the local run keeps a lease while the handler blocks its thread for longer than a lease', async () => {
    const result = await e2e.client().request('steps', { steps: 1, stepMs: 15_000, busy: true });
    expect(result.attempt).toBe(1);
  });

  test('a synthesized app on the local run writes no token and no input into its log', async () => {
    const token = await e2e.token();
    const socket = e2e.socket(token);
    await new Promise((resolve) => socket.once('open', resolve));
    const text = JSON.stringify(e2e.log);
    expect(text).not.toContain(token.slice(-40));
    expect(text).not.toContain(Buffer.from(token).toString('base64url').slice(0, 80));
  });
});
