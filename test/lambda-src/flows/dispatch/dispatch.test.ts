import type { RequestItem } from '../../../../lambda-src/core/request';
import * as transitions from '../../../../lambda-src/core/transitions';
import { dispatch, type OutboxRecord } from '../../../../lambda-src/flows/dispatch/dispatch';
import type { OutgoingMessage } from '../../../../lambda-src/flows/ports';
import { ALICE, Bench, MALLORY } from '../../support/bench';

let bench: Bench;
let sent: { action: string; priority?: string; messages: readonly OutgoingMessage[] }[];
let dead: { action: string; body: Record<string, unknown> }[];
let unsent: (action: string) => number[];

beforeEach(async () => {
  bench = new Bench();
  [sent, dead, unsent] = [[], [], () => []];
  await bench.connect(ALICE, MALLORY);
});

const run = (...records: OutboxRecord[]) =>
  dispatch(
    {
      ...bench.deps,
      queues: {
        serves: (action) => ['report', 'other'].includes(action),
        send: async (action, messages, priority) => {
          sent.push({ action, messages, ...(priority !== undefined && { priority }) });
          return unsent(action);
        },
        deadLetter: async (action, body) => void dead.push({ action, body: JSON.parse(body) }),
      },
    },
    records,
  );
const record = (request: RequestItem, sequenceNumber = request.id): OutboxRecord => ({ sequenceNumber, request });
const finished = async (kind: 'result' | 'error', deadLetter = true) => {
  const request = await bench.running();
  const outcome =
    kind === 'result'
      ? ({ kind, body: '1' } as const)
      : ({
          kind,
          error: '{"code":"ODD","message":"Odd.","retryable":false}',
          ...(deadLetter && { deadLetter }),
        } as const);
  const at = { now: bench.platform.now(), retentionSeconds: 60 };
  await bench.memory.write(transitions.finish(request, outcome, at));
  return bench.stored();
};

describe('a pending request', () => {
  test("a pending request is sent to its action's queue, in the group of its tenant", async () => {
    await bench.request('r1');
    await bench.request('r2', 1, MALLORY);
    const other = { ...(await bench.stored('r1')), action: 'other', requestKey: 'acme#alice#r3' };

    expect(
      await run(record(await bench.stored('r1')), record(await bench.stored('r2', MALLORY)), record(other)),
    ).toEqual([]);
    expect(sent).toEqual([
      {
        action: 'report',
        messages: [
          { body: { requestKey: 'acme#alice#r1' }, group: 'acme', delaySeconds: 0 },
          { body: { requestKey: 'evil#alice#r2' }, group: 'evil', delaySeconds: 0 },
        ],
      },
      { action: 'other', messages: [{ body: { requestKey: 'acme#alice#r3' }, group: 'acme', delaySeconds: 0 }] },
    ]);
  });

  test('a pending request and its later attempts are sent to the queue of its priority class', async () => {
    await bench.request('r1');
    await bench.request('r2');
    const high = { ...(await bench.stored('r2')), priority: 'high' };
    const retried = { ...high, requestKey: 'acme#alice#r3', notBefore: bench.platform.now() + 5_000, attempt: 1 };

    await run(record(await bench.stored('r1')), record(high), record(retried));

    expect(sent).toMatchObject([
      { action: 'report', messages: [{ body: { requestKey: 'acme#alice#r1' } }] },
      {
        action: 'report',
        priority: 'high',
        messages: [
          { body: { requestKey: 'acme#alice#r2' } },
          { body: { requestKey: 'acme#alice#r3' }, delaySeconds: 5 },
        ],
      },
    ]);
    expect(sent[0]).not.toHaveProperty('priority');
  });

  test.each([
    [-5_000, 0],
    [0, 0],
    [1, 1],
    [1_500, 2],
    [900_000, 900],
  ])('a pending request that may start in %i ms is delayed by %i s', async (ms, delaySeconds) => {
    await bench.request();
    await run(record({ ...(await bench.stored()), notBefore: bench.platform.now() + ms }));

    expect(sent).toMatchObject([{ messages: [{ delaySeconds }] }]);
  });

  test('a pending request that may start later than a queue can delay is left to the sweeper', async () => {
    await bench.request();

    expect(await run(record({ ...(await bench.stored()), notBefore: bench.platform.now() + 900_001 }))).toEqual([]);
    expect(sent).toEqual([]);
  });

  test('only the pending requests that could not be sent come again', async () => {
    await bench.request();
    const request = await bench.stored();
    unsent = () => [1];

    expect(await run(record(request, '1'), record(request, '2'), record(request, '3'))).toEqual(['2']);
  });

  test("if a queue cannot be reached, its pending requests come again, and other actions' requests are sent", async () => {
    await bench.request();
    const request = await bench.stored();
    unsent = (action) => {
      if (action === 'report') throw new Error('out of reach');
      return [];
    };

    expect(await run(record(request, '1'), record({ ...request, action: 'other' }, '2'), record(request, '3'))).toEqual(
      ['1', '3'],
    );
    expect(bench.lines).toMatchObject([{ level: 'error', fields: { action: 'report' } }]);
  });

  test('a pending request of an action that is no longer served fails, and leaves no dead letter', async () => {
    await bench.request();
    const request = { ...(await bench.stored()), action: 'gone' };
    expect(await run(record(request))).toEqual([]);

    const refused = { ...(await bench.stored()), action: 'gone' };
    expect(refused).toMatchObject({ status: 'FAILED' });
    expect(await run(record(refused))).toEqual([]);
    expect(bench.to(ALICE)).toEqual([
      {
        type: 'error',
        id: 'r1',
        offset: 0,
        run: 1,
        error: { code: 'UNKNOWN_ACTION', message: 'The action gone is no longer served.', retryable: false },
      },
    ]);
    expect([sent, dead]).toEqual([[], []]);
  });

  test('an old record of a request that is running has no effect', async () => {
    await bench.request();
    const old = { ...(await bench.stored()), action: 'gone' };
    await bench.claim();

    expect(await run(record(old))).toEqual([]);
    expect(await bench.stored()).toMatchObject({ status: 'RUNNING' });
  });
});

describe('a request that has ended', () => {
  test('the terminal entry of a completed request is appended and sent, and there is no dead letter', async () => {
    const request = await finished('result');
    expect(await run(record(request))).toEqual([]);
    expect(await run(record(request))).toEqual([]);

    expect(await bench.entries(request)).toMatchObject([{ offset: 0, kind: 'end' }]);
    expect(bench.to(ALICE)[0]).toEqual({ type: 'result', id: 'r1', offset: 0, run: 1, attempt: 1, result: 1 });
    expect(dead).toEqual([]);
  });

  test('a viewer that does not accept the end delays the others by a second at most', async () => {
    const request = await finished('result');
    await bench.request('r2', 1, MALLORY);
    const other = await bench.stored('r2', MALLORY);
    let posts = 0;
    bench.gateway.post = () => {
      posts++;
      return new Promise(() => undefined);
    };
    const start = bench.platform.now();
    let took = 0;
    const done = run(record(request), record(other)).then((failed) => {
      took = bench.platform.now() - start;
      return failed;
    });
    await bench.platform.advance(60_000);

    expect(await done).toEqual([]);
    expect([took, posts]).toEqual([1_000, 1]);
    expect(sent.map(({ messages }) => messages[0]?.group)).toEqual(['evil']);
  });

  test('a busy viewer is sent the end only once', async () => {
    bench.answers.set(ALICE.connectionId, () => 'busy');
    const start = bench.platform.now();
    expect(await run(record(await finished('result')))).toEqual([]);

    expect([bench.platform.now() - start, bench.posts.length]).toEqual([0, 1]);
  });

  test('a request that failed leaves one dead letter per run, however often its record comes', async () => {
    const request = await finished('error');
    for (let i = 0; i < 3; i++) await run(record(request));
    expect(dead).toHaveLength(1);
    for (let i = 0; i < 2; i++) await run(record({ ...request, run: 2, fence: 2 }));
    await run(record(request));

    expect(dead.map(({ body }) => body.run)).toEqual([1, 2]);
  });

  test('a request that failed leaves a dead letter that names it and the reason, without its input', async () => {
    await run(record(await finished('error')));

    expect(dead).toEqual([
      {
        action: 'report',
        body: {
          requestKey: 'acme#alice#r1',
          tenant: 'acme',
          user: 'alice',
          id: 'r1',
          action: 'report',
          run: 1,
          attempt: 1,
          createdAt: bench.platform.now(),
          outcome: { kind: 'error', error: '{"code":"ODD","message":"Odd.","retryable":false}', deadLetter: true },
        },
      },
    ]);
  });

  test('a request that failed with an answer of its handler is sent to its viewers, and leaves no dead letter', async () => {
    const request = await finished('error', false);
    expect(await run(record(request))).toEqual([]);

    expect(bench.to(ALICE)).toMatchObject([{ type: 'error', error: { code: 'ODD' } }]);
    expect(dead).toEqual([]);
  });

  test('a request whose end could not be logged comes again, without the others', async () => {
    const request = await finished('result');
    await bench.request('r2');
    bench.beforeStore = (call, table) => {
      if (call === 'query' && table === 'events') throw new Error('out of reach');
    };

    expect(await run(record(request, '1'), record(await bench.stored('r2'), '2'))).toEqual(['1']);
    expect(sent).toHaveLength(1);
  });
});

test('the dispatcher ignores a request that is running or waiting', async () => {
  const request = await bench.running();

  expect(await run(record(request), record({ ...request, status: 'WAITING' }))).toEqual([]);
  expect([sent, dead, bench.posts]).toEqual([[], [], []]);
});

test('without records, the dispatcher does nothing', async () => {
  expect(await run()).toEqual([]);
});
