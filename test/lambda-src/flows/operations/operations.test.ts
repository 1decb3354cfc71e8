import { deadOutcome, errorOutcome, type RequestItem } from '../../../../lambda-src/core/request';
import * as transitions from '../../../../lambda-src/core/transitions';
import type { Connection } from '../../../../lambda-src/flows/connect/connection';
import { type BulkStep, createOperations, type RequestOperations } from '../../../../lambda-src/flows/operations';
import { MemoryReader } from '../../../fakes/memory-reader';
import { ALICE, Bench, MALLORY } from '../../support/bench';

const KEY = 'acme#alice#r1';
const ERROR = { code: 'ODD', message: 'Odd.', retryable: false };
let bench: Bench;
let operations: RequestOperations;

beforeEach(async () => {
  bench = new Bench();
  await bench.connect(ALICE, MALLORY);
  operations = createOperations({ ...bench.deps, reader: new MemoryReader(bench.memory) });
});

/** A request that failed, as a dead letter or with an answer of its handler. */
async function failed(id: string, by: Connection = ALICE, dead = true): Promise<RequestItem> {
  bench.platform.time += 1_000;
  await bench.request(id, { n: 1 }, by);
  const request = await bench.stored(id, by);
  const outcome = dead ? deadOutcome(ERROR) : errorOutcome(ERROR);
  const at = { now: bench.platform.now(), retentionSeconds: 60 };
  await bench.memory.write(transitions.endPending(request, 'FAILED', outcome, at));
  return bench.stored(id, by);
}
const ids = (requests: readonly RequestItem[]) => requests.map(({ id }) => id);

describe('a list', () => {
  beforeEach(async () => {
    await failed('d1');
    await failed('answered', ALICE, false);
    await failed('d2', MALLORY);
    await bench.request('p1');
    await failed('d3');
  });

  test('a list has all requests, the latest first', async () => {
    expect(ids((await operations.list()).requests)).toEqual(['d3', 'p1', 'd2', 'answered', 'd1']);
  });

  test.each([
    [{ dead: true }, ['d3', 'd2', 'd1']],
    [{ dead: true, tenant: 'acme' }, ['d3', 'd1']],
    [{ dead: true, action: 'other' }, []],
    [{ status: 'FAILED', tenant: 'acme' }, ['d3', 'answered', 'd1']],
    [{ status: 'PENDING' }, ['p1']],
    [{ user: 'nobody' }, []],
    [{ tenant: 'acme', user: 'alice' }, ['d3', 'p1', 'answered', 'd1']],
    [{ tenant: 'acme', user: 'alice', status: 'FAILED' }, ['d3', 'answered', 'd1']],
    [{ tenant: 'acme', user: 'alice', id: 'd3' }, ['d3']],
    [{ tenant: 'acme', user: 'alice', id: 'd2' }, []],
    [{ tenant: 'acme', user: 'nobody' }, []],
    [{ id: 'd2' }, ['d2']],
  ] as const)('a list by %j has those requests only', async (filter, expected) => {
    expect(ids((await operations.list(filter)).requests)).toEqual(expected);
  });

  test.each([
    { dead: true },
    { status: 'FAILED' as const },
  ])('a list by %j and age has the requests of that time', async (filter) => {
    const { endedAt } = await bench.stored('d2', MALLORY);
    expect(ids((await operations.list({ ...filter, from: endedAt, to: endedAt })).requests)).toEqual(['d2']);
  });

  test('the requests of one user are found by the index of users, without a scan of the table', async () => {
    const reader = new MemoryReader(bench.memory);
    const scan = jest.spyOn(reader, 'scan');
    const { list } = createOperations({ ...bench.deps, reader });
    for (let n = 0; n < 205; n++) await bench.request(`more${n}`);

    const { requests } = await list({ tenant: 'acme', user: 'alice' }, { limit: 1_000 });
    expect(ids(requests).sort()).toEqual(
      [...Array.from({ length: 205 }, (_, n) => `more${n}`), 'd1', 'd3', 'p1', 'answered'].sort(),
    );
    expect(ids((await list({ tenant: 'acme', user: 'alice', id: 'p1' })).requests)).toEqual(['p1']);
    expect(scan).not.toHaveBeenCalled();
    await list({ user: 'alice' });
    expect(scan).toHaveBeenCalledTimes(1);
  });

  test.each([
    {},
    { dead: true },
    { tenant: 'acme', user: 'alice' },
  ])('the pages of a list by %j together contain each request once', async (filter) => {
    const all = ids((await operations.list(filter)).requests);
    const paged: string[] = [];
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await operations.list(filter, { limit: 2, cursor });
      paged.push(...ids(page.requests));
      cursor = page.next;
    }
    expect(paged).toEqual(all);
  });

  test('dead letters of the same time are on one page or the next, none on both', async () => {
    bench = new Bench();
    operations = createOperations({ ...bench.deps, reader: new MemoryReader(bench.memory) });
    await bench.connect(ALICE);
    for (let n = 0; n < 9; n++) {
      await failed(`same${n}`);
      bench.platform.time -= 1_000;
    }
    const paged: string[] = [];
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await operations.list({ dead: true }, { limit: 2, cursor });
      paged.push(...ids(page.requests));
      cursor = page.next;
    }
    expect(paged).toEqual(Array.from({ length: 9 }, (_, n) => `same${n}`));
  });

  test.each([
    [{ dead: true, status: 'RUNNING' as const }, {}],
    [{ from: 2, to: 1 }, {}],
    [{}, { limit: 0 }],
    [{}, { cursor: 'x' }],
  ])('a list by %j with %j is refused', async (filter, options) => {
    await expect(operations.list(filter, options)).rejects.toMatchObject({ code: 'INVALID_MESSAGE' });
  });
});

test('a report has the input, the outcome, the log and the history of attempts', async () => {
  await failed('r1');
  await operations.redrive(KEY);
  await bench.claim();

  const report = await operations.show(KEY);
  expect(report).toMatchObject({ request: { id: 'r1', run: 2, status: 'RUNNING' }, input: { n: 1 } });
  expect(report.entries).toMatchObject([{ type: 'error', run: 1, offset: 0, error: { code: 'ODD' } }]);
  await expect(operations.show('acme#alice#none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

describe('a message of an operator', () => {
  const inbox = () => bench.memory.all('events').filter(({ messageId }) => messageId !== undefined);

  test('the inbox of a request contains the message of an operator once for each id', async () => {
    await bench.request('r1');
    const id = await operations.send(KEY, { name: 'approve', data: { ok: true } });
    await operations.send(KEY, { name: 'approve', data: { ok: true }, id });
    await operations.send(KEY, { name: 'stop', id: 'm2' });

    expect(inbox()).toMatchObject([
      { offset: 1, messageId: id, name: 'approve', data: '{"ok":true}' },
      { offset: 2, messageId: 'm2', name: 'stop' },
    ]);
  });

  test.each([
    ['a request that does not exist', 'acme#alice#none', { name: 'approve' }, 'NOT_FOUND'],
    ['a request that has ended', 'acme#alice#ended', { name: 'approve' }, 'REQUEST_ENDED'],
    ['an invalid name', KEY, { name: 'a b' }, 'INVALID_MESSAGE'],
    ['an invalid id', KEY, { name: 'approve', id: '../x' }, 'INVALID_MESSAGE'],
    ['data that is too large', KEY, { name: 'approve', data: 'x'.repeat(40_000) }, 'MESSAGE_TOO_LARGE'],
  ])('a message of an operator is refused: %s', async (_, key, message, code) => {
    await bench.request('r1');
    await failed('ended');

    await expect(operations.send(key, message)).rejects.toMatchObject({ code });
    expect(inbox()).toEqual([]);
  });
});

describe('a redrive', () => {
  test('a redrive starts the next run with all attempts, under the same id and input, after the end of the run before', async () => {
    const before = await failed('r1');
    const after = await operations.redrive(KEY);

    expect(after).toMatchObject({
      id: 'r1',
      epoch: before.epoch,
      ref: before.ref,
      run: 2,
      attempt: 0,
      status: 'PENDING',
    });
    expect(after).toMatchObject({ input: before.input, fence: before.fence });
    for (const gone of ['outcome', 'endedAt']) expect(after).not.toHaveProperty(gone);
    expect(await bench.entries(after)).toMatchObject([{ kind: 'end', run: 1, offset: 0 }]);
    expect(ids((await operations.list({ dead: true })).requests)).toEqual([]);
  });

  test.each([
    'PENDING',
    'RUNNING',
    'COMPLETED',
  ] as const)('a redrive of a request that is %s is refused', async (status) => {
    await bench.request('r1');
    if (status !== 'PENDING') {
      const claimed = await bench.claim();
      const at = { now: bench.platform.now(), retentionSeconds: 60 };
      if (status === 'COMPLETED')
        await bench.memory.write(transitions.finish(claimed, { kind: 'result', body: '1' }, at));
    }
    await expect(operations.redrive(KEY)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await bench.stored()).toMatchObject({ status, run: 1 });
  });

  test('one of two redrives at the same time starts a run, the other is refused', async () => {
    await failed('r1');
    const results = await Promise.allSettled([operations.redrive(KEY), operations.redrive(KEY)]);

    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await bench.stored()).toMatchObject({ run: 2 });
  });

  test('a request that was redriven can fail and be redriven again', async () => {
    await failed('r1');
    await operations.redrive(KEY);
    const at = { now: bench.platform.now(), retentionSeconds: 60 };
    await bench.memory.write(transitions.endPending(await bench.stored(), 'FAILED', deadOutcome(ERROR), at));
    expect(await operations.redrive(KEY)).toMatchObject({ run: 3 });

    expect(await bench.entries(await bench.stored())).toMatchObject([{ run: 1 }, { run: 2 }]);
  });
});

describe('a cancellation', () => {
  test('a request that waits ends, with the reason; it can be redriven', async () => {
    await bench.request('r1');
    expect(await operations.cancel(KEY, 'enough')).toMatchObject({ status: 'CANCELLED' });
    expect(await operations.redrive(KEY)).toMatchObject({ status: 'PENDING', run: 2 });
  });

  test('a request that runs is asked to end', async () => {
    await bench.running('r1');
    expect(await operations.cancel(KEY)).toMatchObject({ status: 'RUNNING', cancelRequested: true });
  });

  test('a request that has ended is refused', async () => {
    await failed('r1');
    await expect(operations.cancel(KEY)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('all that a filter selects are cancelled; those that have ended are skipped', async () => {
    await failed('f1');
    for (const id of ['p1', 'p2']) await bench.request(id);
    expect(await operations.cancelAll({ tenant: 'acme' })).toMatchObject({ selected: 3, changed: 2, skipped: 1 });
    expect(ids((await operations.list({ status: 'CANCELLED' })).requests).sort()).toEqual(['p1', 'p2']);
  });
});

describe('a redrive of all', () => {
  beforeEach(async () => {
    for (let n = 0; n < 30; n++) await failed(`d${n}`, n % 3 === 0 ? MALLORY : ALICE);
  });

  test('a dry run reports the requests and changes nothing', async () => {
    const steps: BulkStep[] = [];
    const report = await operations.redriveAll(
      { dead: true, tenant: 'acme' },
      { dryRun: true, onStep: (step) => steps.push(step) },
    );

    expect(report).toMatchObject({ selected: 20, changed: 20, skipped: 0, failed: 0 });
    expect(steps).toHaveLength(20);
    expect((await operations.list({ dead: true }, { limit: 100 })).requests).toHaveLength(30);
  });

  test('all that the filter selects are started once, several at a time', async () => {
    let [now, most] = [0, 0];
    bench.beforeStore = async (call) => {
      if (call !== 'update') return;
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now--;
    };
    const report = await operations.redriveAll({ dead: true, tenant: 'acme' }, { concurrency: 4 });

    expect(report).toMatchObject({ selected: 20, changed: 20, failed: 0 });
    expect(most).toBe(4);
    expect(ids((await operations.list({ dead: true }, { limit: 100 })).requests)).toHaveLength(10);
    expect((await operations.list({ status: 'PENDING' })).requests.every(({ run }) => run === 2)).toBe(true);
  });

  test('an operation that was stopped is continued by a repetition', async () => {
    const stop = new AbortController();
    let count = 0;
    const onStep = () => {
      if (++count === 7) stop.abort();
    };
    const first = await operations.redriveAll({ dead: true }, { concurrency: 2, signal: stop.signal, onStep });
    const second = await operations.redriveAll({ dead: true, to: first.to });

    expect(first.changed).toBeLessThan(10);
    expect(first.changed + second.changed).toBe(30);
    expect((await operations.list({ dead: true })).requests).toEqual([]);
  });

  test('a request that fails again meanwhile is not started twice', async () => {
    const dieAgain = async ({ request }: BulkStep) => {
      bench.platform.time += 1_000;
      const at = { now: bench.platform.now(), retentionSeconds: 60 };
      const stored = await bench.memory.get('requests', { requestKey: request.requestKey });
      await bench.memory.write(transitions.endPending(stored as never, 'FAILED', deadOutcome(ERROR), at));
    };
    const dying: Promise<void>[] = [];
    const report = await operations.redriveAll(
      { dead: true },
      { concurrency: 1, onStep: (step) => dying.push(dieAgain(step)) },
    );
    await Promise.all(dying);

    expect(report.changed).toBe(30);
    const { requests } = await operations.list({ dead: true }, { limit: 100 });
    expect(requests.map(({ run }) => run)).toEqual(Array(30).fill(2));
  });

  test('a failure of the store is counted, and the others go on', async () => {
    let calls = 0;
    bench.beforeStore = (call, table) => {
      if (call === 'update' && table === 'requests' && ++calls === 5) throw new Error('throttled');
    };
    expect(await operations.redriveAll({ dead: true })).toMatchObject({ selected: 30, changed: 29, failed: 1 });
  });

  test('a limit bounds the number of requests', async () => {
    expect(await operations.redriveAll({ dead: true }, { limit: 3 })).toMatchObject({ selected: 3, changed: 3 });
  });
});
