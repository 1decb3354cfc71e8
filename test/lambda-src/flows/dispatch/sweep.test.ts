import { dueAt, minuteOf } from '../../../../lambda-src/core/keys';
import { recoveryWrite } from '../../../../lambda-src/core/recovery';
import type { RequestItem } from '../../../../lambda-src/core/request';
import { finish } from '../../../../lambda-src/core/transitions';
import { startNoter } from '../../../../lambda-src/flows/attempt/claim';
import { sweep } from '../../../../lambda-src/flows/dispatch/sweep';
import { type Query, writeTimeOf } from '../../../../lambda-src/flows/ports';
import { ALICE, Bench } from '../../support/bench';

const NOW = 1_700_000_000_000;
const AT = { now: NOW, retentionSeconds: 60 };
const REQUEST: RequestItem = {
  requestKey: 'k',
  tenant: 't',
  user: 'u',
  id: 'r',
  action: 'a',
  ref: 'ref',
  epoch: 'e',
  status: 'PENDING',
  fence: 1,
  attempt: 1,
  maxAttempts: 3,
  run: 1,
  createdAt: NOW - 100_000,
  pendingSince: NOW - 60_000,
  inputHash: 'h',
  userKey: 't#u',
  expiresAt: 0,
  dueBucket: '0#0',
  dueAt: NOW,
};
const RUNNING: Partial<RequestItem> = { status: 'RUNNING', leaseUntil: NOW - 1 };

describe('the decision of a sweep', () => {
  const table: [string, Partial<RequestItem>, object | undefined][] = [
    ['nothing before its time', { dueAt: NOW + 1 }, undefined],
    ['nothing without a due key', { dueAt: undefined }, undefined],
    ['nothing for one that has ended', { status: 'COMPLETED' }, undefined],
    ['waiting for a slot: check its line in a minute', { status: 'WAITING' }, { dueAt: NOW + 60_000 }],
    [
      'waiting for a slot for long: check its line in four minutes',
      { status: 'WAITING', pendingSince: NOW - 3_600_000 },
      { dueAt: NOW + 240_000 },
    ],
    ['pending: send it once more, and look in a minute', {}, { dueAt: NOW + 60_000 }],
    ['pending for long: check after as long again', { pendingSince: NOW - 240_000 }, { dueAt: NOW + 240_000 }],
    ['pending for hours: look in a quarter of one', { pendingSince: NOW - 9_000_000 }, { dueAt: NOW + 900_000 }],
    ['pending, may start in a while: look a minute after', { notBefore: NOW + 300_000 }, { dueAt: NOW + 360_000 }],
    [
      'pending, may start much later: look when a queue can delay it',
      { notBefore: NOW + 5_000_000 },
      { dueAt: NOW + 4_550_000 },
    ],
    ['pending and cancelled: end it', { cancelRequested: true }, { status: 'CANCELLED' }],
    ['running with a live lease: look when that ends', { ...RUNNING, leaseUntil: NOW + 5_000 }, { dueAt: NOW + 5_000 }],
    ['running on the last moment of its lease: leave it', { ...RUNNING, leaseUntil: NOW }, { dueAt: NOW }],
    ['its lease is over: give it back', RUNNING, { status: 'PENDING', pendingSince: NOW, dueAt: NOW + 60_000 }],
    ['its lease is over on the last attempt: end it', { ...RUNNING, attempt: 3 }, { status: 'FAILED' }],
    [
      'its lease is over and it was cancelled: end it so',
      { ...RUNNING, cancelRequested: true },
      { status: 'CANCELLED' },
    ],
    ['the same on the last attempt', { ...RUNNING, cancelRequested: true, attempt: 3 }, { status: 'CANCELLED' }],
  ];

  test.each(table)('a sweep decides about each request: %s', (_, more, set) => {
    const write = recoveryWrite({ ...REQUEST, ...more }, AT);

    if (set === undefined) expect(write).toBeUndefined();
    else expect(write).toMatchObject({ kind: 'update', table: 'requests', key: { requestKey: 'k' }, set });
  });
});

describe('a sweep', () => {
  let bench: Bench;
  let read: number[];
  beforeEach(async () => {
    bench = new Bench();
    bench.platform.time = NOW;
    read = [];
    const query = bench.store.query;
    bench.store.query = (each: Query) => {
      if (each.index?.indexName === 'due') read.push(Number(each.partition.split('#')[0]));
      return query(each);
    };
    await bench.connect(ALICE);
  });
  const minutesRead = () => [...new Set(read.splice(0))].map((minute) => minute - minuteOf(bench.platform.now()));
  const watermark = async () => (await bench.memory.get('requests', { requestKey: '#sweeper' }))?.minute;

  test('a sweep sends lost requests again, and counts them', async () => {
    await bench.request('lost');
    await bench.running('dead');
    bench.platform.time += 61_000;
    await bench.request('fresh');

    expect(await sweep(bench.deps)).toEqual({ changed: 2, failed: 0 });
    expect(await bench.stored('lost')).toMatchObject({ status: 'PENDING', dueAt: NOW + 122_000 });
    expect(await bench.stored('dead')).toMatchObject({ status: 'PENDING', attempt: 1, pendingSince: NOW + 61_000 });
    expect(await bench.stored('dead')).not.toHaveProperty('leaseUntil');
    expect(await sweep(bench.deps)).toEqual({ changed: 0, failed: 0 });
  });

  test('a sweep a minute after the last one needs 128 queries, as the documentation of its cost states', async () => {
    await sweep(bench.deps);
    read = [];
    bench.platform.time += 60_000;
    await sweep(bench.deps);

    expect(read).toHaveLength(128);
    expect(minutesRead()).toEqual([-16, -12, -8, -4, -3, -2, -1, 0]);
  });

  /** Changes the request each time that the sweeper is about to write it. */
  const changedBefore = (change: () => Promise<unknown>) => {
    bench.beforeStore = async (call, table) => {
      if (call === 'update' && table === 'requests') await change();
    };
  };

  test('a request that is claimed while the sweeper handles it is handled again, because the claim keeps its due key', async () => {
    await bench.request();
    bench.platform.time += 61_000;
    changedBefore(() => {
      bench.beforeStore = () => undefined;
      return bench.claim();
    });

    expect(await sweep(bench.deps)).toEqual({ changed: 1, failed: 0 });
    const { status, dueAt, leaseUntil } = await bench.stored();
    expect({ status, dueAt }).toEqual({ status: 'RUNNING', dueAt: leaseUntil });
  });

  test('a sweep ignores a request that has ended in the meantime', async () => {
    await bench.request();
    bench.platform.time += 61_000;
    changedBefore(async () => {
      bench.beforeStore = () => undefined;
      const claim = await bench.claim();
      await bench.memory.write(finish(claim, { kind: 'result', body: '1' }, writeTimeOf(bench.deps)));
    });

    expect(await sweep(bench.deps)).toEqual({ changed: 0, failed: 0 });
    expect(await bench.stored()).toMatchObject({ status: 'COMPLETED' });
  });

  test('a sweep reports a request that changes each time, so that the next sweep reads its minute again', async () => {
    await bench.request();
    bench.platform.time += 61_000;
    let fence = 100;
    changedBefore(() =>
      bench.memory.write({
        kind: 'update',
        table: 'requests',
        key: { requestKey: 'acme#alice#r1' },
        set: { fence: ++fence },
      }),
    );

    expect(await sweep(bench.deps)).toEqual({ changed: 0, failed: 1 });
  });

  test('a sweep continues after a request that it cannot handle, and holds its watermark for half an hour', async () => {
    await sweep(bench.deps);
    await bench.request('poison');
    await bench.request('lost');
    const write = bench.store.write;
    bench.store.write = (each) =>
      each.key.requestKey === 'acme#alice#poison' ? Promise.reject(new Error('no')) : write(each);
    bench.platform.time += 61_000;

    expect(await sweep(bench.deps)).toEqual({ changed: 1, failed: 1 });
    expect(await watermark()).toBe(minuteOf(NOW));
    bench.platform.time += 40 * 60_000;
    expect(await sweep(bench.deps)).toMatchObject({ failed: 1 });
    expect(await watermark()).toBe(minuteOf(bench.platform.time) - 30);
  });

  test('a sweep ignores a due key whose request no longer exists', async () => {
    await bench.request();
    bench.platform.time += 61_000;
    bench.store.get = async () => undefined;

    expect(await sweep(bench.deps)).toEqual({ changed: 0, failed: 0 });
  });

  test('a sweep reads the last minutes, and every fourth minute before them, in each shard', async () => {
    await sweep(bench.deps);
    expect(read.length % 16).toBe(0);
    expect(minutesRead()).toEqual([-16, -12, -8, -4, -3, -2, -1, 0]);
    expect(await watermark()).toBe(minuteOf(NOW));
  });

  test('each minute is read four more times while functions may still write to it', async () => {
    const times = new Map<number, number>();
    await sweep(bench.deps);
    read.length = 0;
    for (let i = 0; i < 40; i++) {
      bench.platform.time += 60_000;
      await sweep(bench.deps);
      for (const minute of new Set(read.splice(0))) times.set(minute, (times.get(minute) ?? 0) + 1);
    }
    const middle = minuteOf(NOW) + 10;

    // Four times while the minute is recent (the watermark's minute and three before it), and in each fourth minute after that.
    expect(times.get(middle)).toBe(8);
  });

  test('a sweep finds requests that appear late in the index', async () => {
    await bench.request();
    bench.platform.time += 5 * 60_000;
    await sweep(bench.deps);
    const late = dueAt('acme#alice#r1', bench.platform.time - 10 * 60_000);
    await bench.memory.write({
      kind: 'update',
      table: 'requests',
      key: { requestKey: 'acme#alice#r1' },
      set: { ...late },
    });

    let found = 0;
    for (let i = 0; i < 4; i++) {
      bench.platform.time += 60_000;
      found += (await sweep(bench.deps)).changed;
    }
    expect(found).toBeGreaterThan(0);
  });

  test('after a long pause, the sweeper catches up, oldest minutes first, an hour per sweep', async () => {
    await sweep(bench.deps);
    await bench.request();
    bench.platform.time += 150 * 60_000;
    read.length = 0;

    expect(await sweep(bench.deps)).toEqual({ changed: 1, failed: 0 });
    expect(await watermark()).toBe(minuteOf(NOW) + 60);
    const minutes = minutesRead();
    expect(minutes).toEqual([...minutes].sort((a, b) => a - b));
    await sweep(bench.deps);
    expect(await watermark()).toBe(minuteOf(NOW) + 120);
    await sweep(bench.deps);
    expect(await watermark()).toBe(minuteOf(NOW) + 150);
  });

  test('a sweep that fails does not move its watermark', async () => {
    await sweep(bench.deps);
    const before = await watermark();
    await bench.request();
    bench.platform.time += 120_000;
    bench.beforeStore = (call, table) => {
      if (call === 'update' && table === 'requests') throw new Error('throttled');
    };
    await expect(sweep(bench.deps)).rejects.toThrow('throttled');
    expect(await watermark()).toBe(before);

    bench.beforeStore = () => undefined;
    expect(await sweep(bench.deps)).toEqual({ changed: 1, failed: 0 });
  });
});

describe('a request that nobody starts', () => {
  const HOUR = 3_600_000;
  let bench: Bench;
  beforeEach(async () => {
    bench = new Bench();
    await bench.connect(ALICE);
    await bench.request();
    await sweep(bench.deps);
  });

  /** Sweeps every quarter of an hour. If `startsOthers` is set, the action starts another request each time. */
  async function sweepFor(hours: number, startsOthers = false) {
    for (let quarters = 0; quarters < hours * 4; quarters++) {
      bench.platform.time += HOUR / 4;
      if (startsOthers) await startNoter(bench.deps, 'report')();
      await sweep(bench.deps);
    }
  }

  test('a request that no function starts fails after six hours in which its action started none, and not earlier', async () => {
    await sweepFor(5.75);
    expect(await bench.stored()).toMatchObject({ status: 'PENDING' });
    await sweepFor(0.75);

    const { status, outcome } = await bench.stored();
    expect(status).toBe('FAILED');
    expect(JSON.parse((outcome as { error: string }).error)).toMatchObject({
      code: 'NOT_STARTED',
      retryable: false,
      details: { attempt: 0, waitedSeconds: expect.any(Number) },
    });
  });

  test('a request keeps waiting as long as its action starts others', async () => {
    await sweepFor(48, true);

    expect(await bench.stored()).toMatchObject({ status: 'PENDING' });
  });

  test('a waiting request fails six hours after its action last started one', async () => {
    await sweepFor(10, true);
    await sweepFor(5.5);
    expect(await bench.stored()).toMatchObject({ status: 'PENDING' });
    await sweepFor(1);

    expect(await bench.stored()).toMatchObject({ status: 'FAILED' });
  });

  test('a request that no function starts always fails after fourteen days', async () => {
    await bench.store.write({
      kind: 'update',
      table: 'requests',
      key: { requestKey: 'acme#alice#r1' },
      set: { pendingSince: bench.platform.time - 14 * 24 * HOUR },
    });
    await sweepFor(0.5, true);

    expect(await bench.stored()).toMatchObject({ status: 'FAILED' });
  });

  test('a request that was cancelled before any function started it ends as cancelled', async () => {
    await sweepFor(5.75);
    await bench.store.write({
      kind: 'update',
      table: 'requests',
      key: { requestKey: 'acme#alice#r1' },
      set: { cancelRequested: true },
    });
    await sweepFor(1);

    expect(await bench.stored()).toMatchObject({ status: 'CANCELLED' });
  });

  test('the sweeper does not fail a waiting request that a processor claims at the same time', async () => {
    bench.platform.time += 7 * HOUR;
    const { get } = bench.store;
    bench.store.get = async (table, key) => {
      const item = await get(table, key);
      if (String(key.requestKey).startsWith('#started')) await bench.claim();
      return item;
    };
    await sweep(bench.deps);

    expect(await bench.stored()).toMatchObject({ status: 'RUNNING' });
  });
});
