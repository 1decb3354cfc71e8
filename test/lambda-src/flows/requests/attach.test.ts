import { lastProgressText } from '../../../../lambda-src/core/log';
import type { RequestItem } from '../../../../lambda-src/core/request';
import * as transitions from '../../../../lambda-src/core/transitions';
import type { Item } from '../../../../lambda-src/core/write';
import { openLog } from '../../../../lambda-src/flows/attempt/reporter';
import type { Connection } from '../../../../lambda-src/flows/connect/connection';
import { appendTerminal } from '../../../../lambda-src/flows/log/terminal';
import { writeTimeOf } from '../../../../lambda-src/flows/ports';
import { attach } from '../../../../lambda-src/flows/requests/attach';
import {
  type AckFrame,
  exceedsBytes,
  type LogFrame,
  type StreamerError,
  validateMessage,
} from '../../../../lambda-src/protocol';
import { ALICE, ALICE_PHONE, Bench, MALLORY } from '../../support/bench';

type Ack = AckFrame & {
  entries: LogFrame[];
  offset: number;
  recovered: boolean;
  more?: boolean;
  progress?: object;
  epoch: string;
};
let bench: Bench;
beforeEach(async () => {
  bench = new Bench();
  await bench.connect(ALICE, ALICE_PHONE, MALLORY);
});

const ask = (offset = 0, epoch?: string, by: Connection = ALICE_PHONE, id = 'r1') =>
  attach(bench.deps, by, { type: 'attach', id, offset, ...(epoch && { epoch }) }) as Promise<Ack>;

/** Creates a running request with the given number of events after the marker. */
async function withEvents(count: number, data: unknown = 1): Promise<RequestItem> {
  const request = await bench.running();
  const reporter = await openLog(bench.deps, request, { ratePerSecond: 10, onStale: jest.fn() });
  for (let i = 0; i < count; i++) await reporter.emit(`e${i}`, data as never);
  reporter.progress({ percentage: 30, message: 'third', metadata: { rows: 1 } });
  await reporter.close();
  return request;
}

async function finish(request: RequestItem, body = '"done"'): Promise<void> {
  const at = { now: bench.platform.now(), retentionSeconds: 86_400 };
  await bench.memory.write(transitions.finish(request, { kind: 'result', body }, at));
}

describe('reading', () => {
  test('an attach from the start returns the log, the progress and the next offset', async () => {
    const request = await withEvents(2);

    expect(await ask()).toEqual({
      type: 'ack',
      id: 'r1',
      status: 'RUNNING',
      epoch: request.epoch,
      ref: request.ref,
      run: 1,
      offset: 3,
      recovered: true,
      entries: [
        {
          type: 'event',
          id: 'r1',
          offset: 0,
          run: 1,
          attempt: 1,
          fence: 1,
          name: '$attempt',
          data: { attempt: 1, run: 1 },
        },
        { type: 'event', id: 'r1', offset: 1, run: 1, attempt: 1, fence: 1, name: 'e0', data: 1 },
        { type: 'event', id: 'r1', offset: 2, run: 1, attempt: 1, fence: 1, name: 'e1', data: 1 },
      ],
      progress: {
        type: 'progress',
        id: 'r1',
        run: 1,
        attempt: 1,
        fence: 1,
        seq: 1,
        afterOffset: 3,
        percentage: 30,
        message: 'third',
        metadata: { rows: 1 },
      },
    });
  });

  test('an attach from the end of the log returns no entries, and reports no loss', async () => {
    await withEvents(2);

    expect(await ask(3)).toMatchObject({ offset: 3, entries: [], recovered: true });
  });

  test('an attach from beyond the end starts over, because the client has read another log', async () => {
    await withEvents(2);

    expect(await ask(4)).toMatchObject({
      offset: 3,
      entries: [{ offset: 0 }, { offset: 1 }, { offset: 2 }],
      recovered: false,
    });
  });

  test.each([
    'x',
    'ref-of-another-request',
    '~'.repeat(512),
  ])('an attach to a request of the same user ignores the ref %p', async (ref) => {
    await withEvents(2);

    const answer = await attach(bench.deps, ALICE_PHONE, { type: 'attach', id: 'r1', offset: 0, ref });

    expect(answer).toEqual(await ask(0));
  });

  test('an attach with another epoch starts over', async () => {
    await withEvents(2);

    expect(await ask(2, 'other')).toMatchObject({ offset: 3, entries: [{ offset: 0 }, {}, {}], recovered: false });
  });

  test("an attach with the log's epoch continues", async () => {
    const { epoch } = await withEvents(2);

    expect(await ask(2, epoch)).toMatchObject({ offset: 3, entries: [{ offset: 2 }], recovered: true });
  });

  test('an attach to a request that has not started returns no entries', async () => {
    await bench.request();

    const ack = await ask();
    expect(ack).toMatchObject({ status: 'PENDING', offset: 0, entries: [], recovered: true });
    expect(ack).not.toHaveProperty('more');
    expect(ack).not.toHaveProperty('progress');
  });

  test('if the beginning of a log has expired, the rest is returned with `recovered: false`', async () => {
    const request = await withEvents(3);
    for (const offset of [0, 1]) {
      const key = { logKey: `${request.requestKey}#${request.epoch}`, offset };
      await bench.memory.write({ kind: 'delete', table: 'events', key });
    }

    expect(await ask(0)).toMatchObject({ offset: 4, entries: [{ offset: 2 }, { offset: 3 }], recovered: false });
    expect(await ask(2)).toMatchObject({ offset: 4, recovered: true });
  });

  test('a log that has expired completely is reported', async () => {
    const request = await withEvents(1);
    for (const offset of [0, 1]) {
      const key = { logKey: `${request.requestKey}#${request.epoch}`, offset };
      await bench.memory.write({ kind: 'delete', table: 'events', key });
    }

    expect(await ask(2)).toMatchObject({ offset: 0, entries: [], recovered: false });
  });
});

describe('paging', () => {
  /** Attaches until there are no more entries, as a client does. */
  async function readAll(): Promise<{ pages: Ack[]; offsets: number[] }> {
    const pages = [await ask()];
    while (pages.at(-1)?.more) pages.push(await ask(pages.at(-1)?.offset));
    return { pages, offsets: pages.flatMap(({ entries }) => entries.map(({ offset }) => offset)) };
  }

  test('an answer has at most 100 entries, and the pages together contain all entries', async () => {
    await withEvents(249);
    const { pages, offsets } = await readAll();

    expect(pages.map(({ entries }) => entries.length)).toEqual([100, 100, 50]);
    expect(offsets).toEqual(Array.from({ length: 250 }, (_, i) => i));
  });

  test('after a log of exactly one page, the next page is empty', async () => {
    await withEvents(99);
    const { pages } = await readAll();

    expect(pages.map(({ entries, more }) => [entries.length, more])).toEqual([
      [100, true],
      [0, undefined],
    ]);
  });

  test('an answer stays below 96 KB of entries', async () => {
    await withEvents(20, '\u20ac'.repeat(6_000));
    const { pages, offsets } = await readAll();

    expect(offsets).toEqual(Array.from({ length: 21 }, (_, i) => i));
    expect(pages.length).toBe(4);
    for (const page of pages) {
      expect(exceedsBytes(JSON.stringify(page.entries), 96 * 1024)).toBe(false);
      expect(validateMessage(JSON.stringify(page), 'server')).toMatchObject({ ok: true });
    }
  });

  test('a page holds at least one entry, however large it is', async () => {
    const request = await withEvents(1);
    await finish(request, JSON.stringify('x'.repeat(110_000)));
    const { pages } = await readAll();

    expect(pages.map(({ entries }) => entries.length)).toEqual([2, 1]);
  });
});

describe('a request that has ended', () => {
  test('an attach to a request that has ended returns the whole log and the last progress, and adds no viewer', async () => {
    await finish(await withEvents(0));
    const ack = await ask();

    expect(ack).toMatchObject({
      status: 'COMPLETED',
      offset: 2,
      entries: [{}, { type: 'result', offset: 1, result: 'done' }],
    });
    expect(ack.progress).toMatchObject({ attempt: 1, seq: 1, percentage: 30, message: 'third' });
    expect(bench.memory.all('subscriptions')).toEqual([]);
  });

  test('an attach to a request that has ended returns no progress of an earlier attempt', async () => {
    await withEvents(0);
    bench.platform.time += 61_000;
    await finish(await bench.claim());
    const ack = await ask();

    expect(ack.entries.at(-1)).toMatchObject({ type: 'result', attempt: 2 });
    expect(ack).not.toHaveProperty('progress');
  });

  test('the page with the terminal entry also contains the progress', async () => {
    await finish(await withEvents(150));
    const first = await ask();
    const second = await ask(first.offset);

    expect([first.more, 'progress' in first]).toEqual([true, false]);
    expect(second.progress).toMatchObject({ percentage: 30 });
  });

  test('a request that ends during the attach has its long result and its last progress, which only the request contains', async () => {
    const request = await withEvents(0);
    const result = 'x'.repeat(2_000);
    const lastProgress = lastProgressText(request, { percentage: 70, seq: 4, afterOffset: 1 });
    bench.beforeStore = async (call, table) => {
      if (call !== 'query' || table !== 'events') return;
      bench.beforeStore = () => undefined;
      const end = transitions.finish(
        request,
        { kind: 'result', body: JSON.stringify(result) },
        writeTimeOf(bench.deps),
      );
      await bench.memory.write({ ...end, set: { ...end.set, lastProgress } });
      await appendTerminal({ ...bench.deps, store: bench.memory }, await bench.stored());
    };

    expect(await ask()).toMatchObject({
      status: 'RUNNING',
      entries: [{}, { type: 'result', result }],
      progress: { percentage: 70, seq: 4 },
    });
  });

  test('the first attach appends a missing terminal entry, and posts to nobody', async () => {
    const request = await withEvents(0);
    await finish(request);
    bench.posts.length = 0;
    await Promise.all([ask(), ask(), ask(0, undefined, ALICE)]);

    expect(await bench.entries(request)).toHaveLength(2);
    expect(bench.posts).toEqual([]);
  });

  test('the answer contains the progress even if the request ends during the attach', async () => {
    const request = await withEvents(0);
    const query = bench.store.query;
    bench.store.query = async (each) => {
      bench.store.query = query;
      await finish(request);
      await ask(0, undefined, ALICE);
      return query(each);
    };
    const ack = await ask();

    expect(ack).toMatchObject({
      status: 'RUNNING',
      entries: [{}, { type: 'result' }],
      progress: { percentage: 30 },
    });
  });
});

describe('permission to read', () => {
  const refusal = (promise: Promise<unknown>) =>
    promise.then(
      () => 'was answered',
      (error: StreamerError) => error.toWire(),
    );

  test('other users cannot find out whether a request exists', async () => {
    await withEvents(1);
    const foreign = await refusal(ask(0, undefined, MALLORY));
    const colleague = await refusal(ask(0, undefined, { ...ALICE, user: 'bob' }));
    const missing = await refusal(ask(0, undefined, ALICE, 'r2'));

    expect(foreign).toEqual({ code: 'NOT_FOUND', message: 'There is no request r1 of this user.', retryable: false });
    expect(colleague).toEqual(foreign);
    expect(JSON.stringify(missing).replace('r2', 'r1')).toEqual(JSON.stringify(foreign));
    expect(bench.memory.all('subscriptions')).toEqual([]);
  });

  test('an expired request is not found, even if its item still exists', async () => {
    await finish(await withEvents(1));
    bench.platform.time += 86_402_000;

    expect(await refusal(ask())).toEqual({
      code: 'NOT_FOUND',
      message: 'There is no request r1 of this user.',
      retryable: false,
    });
  });

  test('owners and ids that could be mistaken for each other are distinguished', async () => {
    await bench.request('r1', 1, { ...ALICE, tenant: 'a#b', user: 'c' });

    expect(await refusal(ask(0, undefined, { ...ALICE, tenant: 'a', user: 'b#c' }))).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await refusal(ask(0, undefined, { ...ALICE, tenant: 'a%23b', user: 'c' }))).toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('the viewer', () => {
  const rows = () => bench.memory.all('subscriptions');
  const versionOf = async (request: RequestItem) => ((await bench.head(request)) as Item).viewersVersion;

  test('the viewer is stored until its connection has certainly ended, and is counted on the head', async () => {
    const request = await withEvents(0);
    await ask();
    await ask();

    expect(rows()).toEqual([
      {
        channel: `acme#alice#r1#${request.epoch}#0`,
        connectionId: 'c-phone',
        connectedAt: 2_000,
        user: 'alice',
        expiresAt: 2 + 7_800,
      },
    ]);
    expect(await versionOf(request)).toBe(2);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['is gone', () => bench.memory.write({ kind: 'delete', table: 'connections', key: { connectionId: 'c-phone' } })],
    ['is another one by now', () => bench.connect({ ...ALICE_PHONE, connectedAt: 9_000 })],
    ["is another tenant's by now", () => bench.connect({ ...ALICE_PHONE, tenant: 'evil' })],
  ])('the viewer is not stored, nor counted, when its connection %s', async (_, change) => {
    const request = await withEvents(0);
    await change();

    await expect(ask()).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(rows()).toEqual([]);
    expect(await versionOf(request)).toBeUndefined();
  });

  test('the viewer is stored before the log is read, so an entry in between is read or sent, or both', async () => {
    const request = await bench.running();
    const reporter = await openLog(bench.deps, request, { ratePerSecond: 10, onStale: jest.fn() });
    let emitted = false;
    bench.beforeStore = async (call, table) => {
      if (emitted || call !== 'query' || table !== 'events') return;
      emitted = true;
      await reporter.emit('between', 1);
    };
    const ack = await ask();
    await reporter.close();

    expect(ack.entries.map(({ offset }) => offset)).toEqual([0, 1]);
    expect(bench.to(ALICE_PHONE)).toMatchObject([{ offset: 1, name: 'between' }]);
  });
});
