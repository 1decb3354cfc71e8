import fc from 'fast-check';
import { errorOutcome } from '../../../../lambda-src/core/request';
import * as transitions from '../../../../lambda-src/core/transitions';
import { openLog } from '../../../../lambda-src/flows/attempt/reporter';
import type { Connection } from '../../../../lambda-src/flows/connect/connection';
import { listRequests } from '../../../../lambda-src/flows/requests/list';
import { route } from '../../../../lambda-src/flows/requests/route';
import { exceedsBytes, type ListFilter, validateMessage } from '../../../../lambda-src/protocol';
import { ALICE, ALICE_PHONE, Bench, MALLORY } from '../../support/bench';

let bench: Bench;
beforeEach(async () => {
  bench = new Bench();
  await bench.connect(ALICE, ALICE_PHONE, MALLORY);
});

const list = (filter: ListFilter = {}, by: Connection = ALICE_PHONE) => listRequests(bench.deps, by, filter);
const ids = async (filter?: ListFilter, by?: Connection) => (await list(filter, by)).requests.map(({ id }) => id);
const at = () => ({ now: bench.platform.now(), retentionSeconds: 86_400 });

/** Accepts requests one millisecond after the other. */
async function accept(...names: string[]): Promise<void> {
  for (const name of names) {
    await bench.request(name);
    await bench.platform.advance(1);
  }
}

/** Follows the cursors to the end of the list. */
async function pages(filter: ListFilter, by?: Connection): Promise<string[][]> {
  const all: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ ...filter, ...(cursor !== undefined && { cursor }) }, by);
    all.push(page.requests.map(({ id }) => id));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}

test('a list has the requests of the user on any device, the newest first, and of no other user', async () => {
  await accept('a', 'b');
  await bench.request('c', { n: 1 }, MALLORY);

  expect(await ids()).toEqual(['b', 'a']);
  expect(await ids({}, MALLORY)).toEqual(['c']);
});

test('a row of a request that waits has its state and its input', async () => {
  await bench.request('r1', { n: 1 });

  expect(await list()).toEqual({
    requests: [
      {
        id: 'r1',
        action: 'report',
        status: 'PENDING',
        createdAt: bench.platform.now(),
        ref: 'id-1',
        epoch: 'id-2',
        run: 1,
        attempt: 0,
        input: { n: 1 },
      },
    ],
  });
});

test('a row has no input that is stored apart from the request', async () => {
  await bench.request('r1', 'x'.repeat(5_000));

  expect((await list()).requests[0]).not.toHaveProperty('input');
});

test('a row of a request that runs, failed or waits for its next attempt has its last progress', async () => {
  const request = await bench.running();
  const reporter = await openLog(bench.deps, request, { ratePerSecond: 10, onStale: jest.fn() });
  reporter.progress({ percentage: 30, message: 'third', metadata: { rows: 1 } });
  await reporter.close();
  const progress = { percentage: 30, message: 'third', metadata: { rows: 1 } };
  expect((await list()).requests).toMatchObject([{ status: 'RUNNING', attempt: 1, progress }]);

  await bench.memory.write(transitions.retry(request, bench.platform.now(), at()));
  expect((await list()).requests).toMatchObject([{ status: 'PENDING', attempt: 1, progress }]);

  const again = await bench.claim();
  expect((await list()).requests[0]).not.toHaveProperty('progress');

  const error = { code: 'NO_DATA', message: 'None.', retryable: false, details: { month: 2 } };
  await bench.memory.write(transitions.finish(again, errorOutcome(error), at()));
  expect((await list()).requests).toMatchObject([{ status: 'FAILED', attempt: 2, error }]);
});

test('a row of a completed request costs no read of its log and has no result', async () => {
  const request = await bench.running();
  await bench.memory.write(transitions.finish(request, { kind: 'result', body: '"secret"' }, at()));
  const reads: string[] = [];
  bench.beforeStore = (call, table) => void reads.push(`${call} ${table}`);
  const { requests } = await list();

  expect(requests).toMatchObject([{ id: 'r1', status: 'COMPLETED' }]);
  expect(JSON.stringify(requests)).not.toContain('secret');
  expect(reads).toEqual(['query requests', 'getAll requests']);
});

test('pages of any size have each request once, also of requests that were accepted at the same time', async () => {
  const counts = fc.integer({ min: 0, max: 12 });
  await fc.assert(
    fc.asyncProperty(counts, counts, fc.integer({ min: 1, max: 5 }), async (later, together, limit) => {
      bench = new Bench();
      await bench.connect(ALICE, MALLORY);
      for (let n = 0; n < together; n++) await bench.request(`t${n}`);
      await bench.platform.advance(1);
      await accept(...Array.from({ length: later }, (_, n) => `l${n}`));
      await bench.request('other', 1, MALLORY);
      const all = await pages({ limit }, ALICE);

      expect(all.every((page) => page.length <= limit)).toBe(true);
      expect(all.flat().slice(0, later)).toEqual(Array.from({ length: later }, (_, n) => `l${later - 1 - n}`));
      expect(all.flat().slice(later).sort()).toEqual(Array.from({ length: together }, (_, n) => `t${n}`).sort());
    }),
    { numRuns: 40 },
  );
});

test('a filter by action and status leaves out the other requests', async () => {
  await accept('a', 'b', 'c');
  await bench.claim('b');

  expect(await ids({ status: ['RUNNING'] })).toEqual(['b']);
  expect(await ids({ status: ['PENDING', 'RUNNING'], action: 'report' })).toEqual(['c', 'b', 'a']);
  expect(await ids({ action: 'echo' })).toEqual([]);
});

test('a filter reads at most 100 requests per page, and its cursor continues behind the last one read', async () => {
  await accept('match', ...Array.from({ length: 120 }, (_, n) => `n${n}`));
  await bench.claim('match');
  const filter: ListFilter = { status: ['RUNNING'] };
  const first = await list(filter);

  expect(first).toEqual({ requests: [], cursor: expect.any(String) });
  expect(await pages(filter)).toEqual([[], ['match']]);
});

test('a filter that finds more than a page holds continues behind the last row of the page', async () => {
  await accept('a', 'b', 'c', 'd', 'e');

  expect(await pages({ status: ['PENDING'], limit: 2 })).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
});

test('a cursor of another user leads to no request but the own ones', async () => {
  await accept('a', 'b', 'c');
  await bench.request('x', 1, MALLORY);
  const { cursor } = await list({ limit: 1 });

  expect(await ids({ cursor }, MALLORY)).not.toContain('b');
  expect(await ids({ cursor }, MALLORY)).toEqual([]);
});

test.each([
  'x',
  'bnVsbA',
  Buffer.from('[1,"a#b"]').toString('base64url'),
  Buffer.from('["1","a"]').toString('base64url'),
])('a cursor that is not one of this server is refused: %s', async (cursor) => {
  await expect(list({ cursor })).rejects.toMatchObject({
    code: 'INVALID_MESSAGE',
    details: { issues: [{ path: 'cursor', message: 'must be the `cursor` of an earlier answer' }] },
  });
});

test('a request past its retention is not in the list, although its item is still in the table', async () => {
  await accept('old');
  await bench.platform.advance(86_402_000);
  await accept('new');

  expect(await ids()).toEqual(['new']);
});

test('a request whose item is gone is left out, although the index still has its keys', async () => {
  await accept('a', 'b');
  const { memory } = bench;
  const { getAll } = memory;
  memory.getAll = async (table, keys) => (await getAll.call(memory, table, keys)).filter(({ id }) => id !== 'b');

  expect(await ids()).toEqual(['a']);
});

test('a page of large rows fits into a message, and its cursor continues behind the last row that fits', async () => {
  const names = Array.from({ length: 12 }, (_, n) => `r${n}`);
  await accept(...names);
  for (const name of names) {
    const error = { code: 'BIG', message: 'x', retryable: false, details: 'é'.repeat(8_000) };
    await bench.memory.write(transitions.finish(await bench.claim(name), errorOutcome(error), at()));
  }
  const first = await list();

  expect(first.requests.length).toBeGreaterThan(3);
  expect(exceedsBytes(JSON.stringify(first), 131_072)).toBe(false);
  expect((await pages({})).flat()).toEqual([...names].reverse());
});

test('the router answers a list with a valid message, and refuses an invalid one by its id', async () => {
  await accept('a');
  const deps = { ...bench.deps, actions: new Map(), syncTimeoutMs: 5_000 };
  const ask = (message: object) => route(deps, ALICE_PHONE, JSON.stringify({ type: 'list', ...message }));
  const answer = await ask({ id: 'l1' });

  expect(answer).toMatchObject({ type: 'requests', id: 'l1', requests: [{ id: 'a', status: 'PENDING' }] });
  expect(validateMessage(answer, 'server')).toMatchObject({ ok: true });
  expect(await ask({ id: 'l2', cursor: 'zzz' })).toMatchObject({
    type: 'error',
    id: 'l2',
    for: 'list',
    error: { code: 'INVALID_MESSAGE' },
  });
});
