import { lostOutcome } from '../../../../lambda-src/core/recovery';
import type { RequestItem } from '../../../../lambda-src/core/request';
import { StaleAttempt } from '../../../../lambda-src/flows/attempt/log';
import { openLog, type Reporter } from '../../../../lambda-src/flows/attempt/reporter';
import { ensureTerminal } from '../../../../lambda-src/flows/log/terminal';
import { acceptRequest } from '../../../../lambda-src/flows/requests/accept';
import { attach } from '../../../../lambda-src/flows/requests/attach';
import { ALICE, ALICE_PHONE, Bench } from '../../support/bench';
import { settle } from '../../support/fake-platform';

let bench: Bench;
const open: Reporter[] = [];

beforeEach(async () => {
  bench = new Bench();
  await bench.connect(ALICE, ALICE_PHONE);
});
afterEach(async () => {
  bench.beforeStore = () => undefined;
  await Promise.all(open.splice(0).map((reporter) => reporter.close()));
  expect(bench.platform.sleeping).toBe(0);
});

async function report(request: RequestItem, ratePerSecond = 10, onStale: () => void = jest.fn()): Promise<Reporter> {
  const reporter = await openLog(bench.deps, request, { ratePerSecond, onStale });
  open.push(reporter);
  return reporter;
}
const percentages = (to = ALICE) => bench.to(to).flatMap((f) => (f.type === 'progress' ? [f.percentage] : []));
const attachPhone = (offset = 0) => attach(bench.deps, ALICE_PHONE, { type: 'attach', id: 'r1', offset });

describe('the log', () => {
  test('the log begins with the marker of the attempt, and the first viewer receives it', async () => {
    const request = await bench.running();
    await report(request);
    await settle();

    expect(await bench.entries(request)).toMatchObject([
      { offset: 0, kind: 'event', run: 1, attempt: 1, fence: 1, name: '$attempt', data: '{"attempt":1,"run":1}' },
    ]);
    expect(bench.to(ALICE)).toEqual([
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
    ]);
  });

  test('the log contains events in the order of their emission, and they are stored before they are sent', async () => {
    const request = await bench.running();
    const reporter = await report(request);
    await settle();
    const stored: number[] = [];
    bench.answers.set(ALICE.connectionId, () => {
      stored.push(bench.memory.all('events').filter((item) => Number(item.offset) >= 0).length);
      return 'sent';
    });

    for (const [name, data] of [['a', 1], ['b'], ['c', { x: null }]] as const) {
      await reporter.emit(name, data);
      await settle();
    }

    expect(bench.to(ALICE).slice(1)).toEqual([
      { type: 'event', id: 'r1', offset: 1, run: 1, attempt: 1, fence: 1, name: 'a', data: 1 },
      { type: 'event', id: 'r1', offset: 2, run: 1, attempt: 1, fence: 1, name: 'b' },
      { type: 'event', id: 'r1', offset: 3, run: 1, attempt: 1, fence: 1, name: 'c', data: { x: null } },
    ]);
    expect(stored).toEqual([2, 3, 4]);
  });

  test('events are stored while a viewer does not answer, because nothing waits for a viewer', async () => {
    const request = await bench.running();
    const answers: (() => void)[] = [];
    bench.gateway.post = () => new Promise((resolve) => answers.push(() => resolve('busy')));
    const reporter = await report(request);
    for (let event = 0; event < 150; event++) await reporter.emit('a', event);
    await settle();

    expect(await bench.entries(request)).toHaveLength(151);
    expect([bench.platform.sleeping, answers.length]).toEqual([1, 1]);
    const closing = reporter.close();
    await bench.platform.advance(1_000);
    await closing;
    answers[0]?.();
    await settle();
    expect(answers).toHaveLength(1);
  });

  test('events are stored while the viewers cannot be read', async () => {
    const request = await bench.running();
    let isStuck = true;
    bench.beforeStore = (call, table) =>
      call === 'query' && table === 'subscriptions' && isStuck ? new Promise(() => undefined) : undefined;
    const reporter = await report(request);
    for (let event = 0; event < 150; event++) await reporter.emit('a', event);

    expect(await bench.entries(request)).toHaveLength(151);
    isStuck = false;
    const closing = reporter.close();
    await bench.platform.advance(1_000);
    await closing;
  });

  test('after a later attempt has taken the log, the earlier one stops at its next event and writes nothing', async () => {
    const first = await bench.running();
    const onStale = jest.fn();
    const stale = await report(first, 10, onStale);
    bench.platform.time += 61_000;
    const second = await bench.claim();
    const fresh = await report(second);

    await expect(stale.emit('late', 1)).rejects.toBeInstanceOf(StaleAttempt);
    await expect(stale.emit('later', 1)).rejects.toBeInstanceOf(StaleAttempt);
    await fresh.emit('mine', 2);

    expect(onStale).toHaveBeenCalledTimes(1);
    expect((await bench.entries(first)).map(({ attempt, name }) => [attempt, name])).toEqual([
      [1, '$attempt'],
      [2, '$attempt'],
      [2, 'mine'],
    ]);
  });

  test('a claim cannot open the log after a later claim', async () => {
    const first = await bench.running();
    bench.platform.time += 61_000;
    await report(await bench.claim());

    await expect(openLog(bench.deps, first, { ratePerSecond: 10, onStale: jest.fn() })).rejects.toBeInstanceOf(
      StaleAttempt,
    );
    expect(await bench.entries(first)).toHaveLength(1);
  });

  test('the log is not opened again once its run has ended', async () => {
    const request = await bench.running();
    const outcome = { kind: 'result', body: '1' } as const;
    await ensureTerminal(bench.deps, { ...request, status: 'COMPLETED', outcome }, 'processor');

    await expect(openLog(bench.deps, request, { ratePerSecond: 10, onStale: jest.fn() })).rejects.toBeInstanceOf(
      StaleAttempt,
    );
    expect(await bench.entries(request)).toHaveLength(1);
  });

  test('the log remains unchanged after another function has ended its run, even if the end names this attempt', async () => {
    const request = await bench.running();
    const onStale = jest.fn();
    const reporter = await report(request, 10, onStale);
    await ensureTerminal(bench.deps, { ...request, status: 'FAILED', outcome: lostOutcome(request) }, 'dispatcher');

    await expect(reporter.emit('a', 1)).rejects.toBeInstanceOf(StaleAttempt);
    expect(onStale).toHaveBeenCalledTimes(1);
    expect(await bench.entries(request)).toHaveLength(2);
  });

  test('the log continues at its tail after the events of an earlier attempt', async () => {
    const first = await bench.running();
    await (await report(first)).emit('a', 1);
    bench.platform.time += 61_000;
    const request = await bench.claim();
    await (await report(request)).emit('b', 2);

    expect((await bench.entries(request)).map(({ offset, name }) => [offset, name])).toEqual([
      [0, '$attempt'],
      [1, 'a'],
      [2, '$attempt'],
      [3, 'b'],
    ]);
  });

  test('an event is stored even if it could not be sent to any viewer', async () => {
    const request = await bench.running();
    const reporter = await report(request);
    bench.beforeStore = (call, table) => {
      if (call === 'query' && table === 'subscriptions') throw new Error('throttled');
    };

    await expect(reporter.emit('a', 1)).resolves.toBeUndefined();
    expect(await bench.entries(request)).toHaveLength(2);
    expect(bench.lines.map(({ level }) => level)).toContain('warn');
  });

  test('the log is opened even if no viewer could be notified, and the first viewer is read again', async () => {
    const request = await bench.running();
    let failures = 0;
    bench.beforeStore = (call, table) => {
      if (call === 'get' && table === 'connections' && failures++ === 0) throw new Error('throttled');
    };
    const reporter = await report(request);
    await settle();
    await reporter.emit('a', 1);
    await settle();

    expect(bench.to(ALICE)).toMatchObject([{ offset: 1, name: 'a' }]);
  });

  test('an event that could not be stored is refused, and the next event gets its offset', async () => {
    const request = await bench.running();
    const reporter = await report(request);
    bench.beforeStore = (call, table) => {
      if (call === 'put' && table === 'events') throw new Error('throttled');
    };
    await expect(reporter.emit('a', 1)).rejects.toThrow('throttled');
    bench.beforeStore = () => undefined;
    await reporter.emit('b', 2);

    expect((await bench.entries(request)).map(({ name }) => name)).toEqual(['$attempt', 'b']);
  });

  test('an event whose write seemed to fail is stored once, and the attempt continues', async () => {
    const request = await bench.running();
    const onStale = jest.fn();
    const reporter = await report(request, 10, onStale);
    const write = bench.store.write;
    bench.store.write = async (each) => {
      await write(each);
      throw new Error('the answer was lost');
    };
    await expect(reporter.emit('a', 1)).rejects.toThrow('the answer was lost');
    bench.store.write = write;
    await reporter.emit('b', 2);

    expect((await bench.entries(request)).map(({ name }) => name)).toEqual(['$attempt', 'a', 'b']);
    expect(onStale).not.toHaveBeenCalled();
  });
});

describe('progress', () => {
  test('progress reaches a viewer at most at the rate, and the last report always does', async () => {
    const reporter = await report(await bench.running());
    for (let i = 0; i <= 100; i++) {
      reporter.progress({ percentage: i });
      await bench.platform.advance(10);
    }
    await bench.platform.advance(1_000);

    const times = bench.posts.filter(({ frame }) => frame.type === 'progress').map(({ at }) => at);
    times.slice(1).forEach((at, i) => {
      expect(at - times[i]).toBeGreaterThanOrEqual(100);
    });
    expect(times.length).toBeGreaterThanOrEqual(11);
    expect(percentages().at(-1)).toBe(100);
  });

  test('a progress frame contains the attempt, a growing seq and the next offset', async () => {
    const reporter = await report(await bench.running());
    reporter.progress({ percentage: 1, message: 'one', metadata: { a: 1 } });
    await bench.platform.advance(200);
    await reporter.emit('x', undefined);
    reporter.progress({ percentage: 2 });
    await bench.platform.advance(200);

    expect(bench.to(ALICE).filter(({ type }) => type === 'progress')).toEqual([
      {
        type: 'progress',
        id: 'r1',
        run: 1,
        attempt: 1,
        fence: 1,
        seq: 1,
        afterOffset: 1,
        percentage: 1,
        message: 'one',
        metadata: { a: 1 },
      },
      {
        type: 'progress',
        id: 'r1',
        run: 1,
        attempt: 1,
        fence: 1,
        seq: 2,
        afterOffset: 2,
        percentage: 2,
        message: 'one',
        metadata: { a: 1 },
      },
    ]);
  });

  test('progress is stored on the head within two seconds, and when the log is closed', async () => {
    const request = await bench.running();
    const reporter = await report(request);
    reporter.progress({ percentage: 10 });
    await bench.platform.advance(1_900);
    expect(await bench.head(request)).toBeUndefined();

    reporter.progress({ percentage: 20, metadata: { rows: 2 } });
    await bench.platform.advance(100);
    expect(await bench.head(request)).toMatchObject({
      fence: 1,
      seq: 2,
      afterOffset: 1,
      percentage: 20,
      metadata: '{"rows":2}',
    });

    reporter.progress({ percentage: 99 });
    await reporter.close();
    expect(await bench.head(request)).toMatchObject({ percentage: 99 });
    expect(percentages()).toEqual([10, 20, 99]);
  });

  test('progress on the head has a number that no frame with older progress had', async () => {
    const request = await bench.running();
    const reporter = await report(request, 1);
    reporter.progress({ percentage: 10 });
    await bench.platform.advance(500);
    await attachPhone();
    reporter.progress({ percentage: 20 });
    await bench.platform.advance(2_000);
    for (let percentage = 30; percentage < 90; percentage += 10) {
      reporter.progress({ percentage });
      await bench.platform.advance(330);
      const { seq, percentage: stored } = (await bench.head(request)) as { seq: number; percentage: number };
      const older = bench.to(ALICE).filter((frame) => frame.type === 'progress' && Number(frame.percentage) < stored);
      expect(seq).toBeGreaterThan(Math.max(...older.map((frame) => Number(frame.seq)), 0));
    }
  });

  test('progress that is stored but not yet sent is sent when the log is closed', async () => {
    const reporter = await report(await bench.running(), 1);
    reporter.progress({ percentage: 10 });
    await bench.platform.advance(500);
    await attachPhone();
    reporter.progress({ percentage: 20 });
    // The report is sent and stored at 1,000. Then the new viewer is noticed, so all viewers are sent the report once more at 2,000.
    await bench.platform.advance(1_500);
    reporter.progress({ percentage: 30 });
    await bench.platform.advance(200);
    await reporter.close();

    expect(percentages().at(-1)).toBe(30);
    expect(percentages(ALICE_PHONE).at(-1)).toBe(30);
  });

  test('progress is sent to a viewer that attaches later, even without a new report', async () => {
    const reporter = await report(await bench.running());
    reporter.progress({ percentage: 40, message: 'far' });
    await bench.platform.advance(5_000);
    await attachPhone();
    await bench.platform.advance(3_200);

    expect(bench.to(ALICE_PHONE)).toMatchObject([{ type: 'progress', percentage: 40, message: 'far' }]);
  });

  test('no viewer gets progress more often than the rate allows, even if viewers attach', async () => {
    const reporter = await report(await bench.running(), 1);
    for (let i = 0; i < 40; i++) {
      reporter.progress({ percentage: i });
      if (i % 10 === 5) await bench.connect({ ...ALICE_PHONE, connectionId: `c${i}` });
      if (i % 10 === 5)
        await attach(bench.deps, { ...ALICE_PHONE, connectionId: `c${i}` }, { type: 'attach', id: 'r1', offset: 0 });
      await bench.platform.advance(250);
    }

    const times = bench.posts.filter(({ frame, to }) => frame.type === 'progress' && to === ALICE.connectionId);
    times.slice(1).forEach(({ at }, i) => {
      expect(at - times[i].at).toBeGreaterThanOrEqual(1_000);
    });
    expect(times.length).toBeGreaterThan(8);
  });

  test('progress that could not be stored is stored later', async () => {
    const request = await bench.running();
    const reporter = await report(request);
    bench.beforeStore = (call, table) => {
      if (call === 'update' && table === 'events') throw new Error('throttled');
    };
    reporter.progress({ percentage: 70 });
    await bench.platform.advance(2_500);
    expect(await bench.head(request)).toBeUndefined();
    bench.beforeStore = () => undefined;
    await bench.platform.advance(4_500);

    expect(await bench.head(request)).toMatchObject({ percentage: 70 });
  });

  test('progress that cannot be sent to the viewers is still stored', async () => {
    const request = await bench.running();
    const reporter = await report(request);
    bench.gateway.post = () => Promise.reject(new Error('no network'));
    reporter.progress({ percentage: 70 });
    await bench.platform.advance(3_000);

    expect(await bench.head(request)).toMatchObject({ percentage: 70 });
  });

  test('a report that replaces a waiting report needs no clock, timer or promise', async () => {
    const reporter = await report(await bench.running());
    reporter.progress({ percentage: 1 });
    await bench.platform.advance(0);
    reporter.progress({ percentage: 2 });
    await settle();
    const { sleeping } = bench.platform;
    const now = jest.spyOn(bench.platform, 'now');
    const sleep = jest.spyOn(bench.platform, 'sleep');
    const controllers = jest.spyOn(global, 'AbortController');
    for (let row = 0; row < 1_000; row++) {
      reporter.progress({ percentage: row / 10, message: `row ${row}` });
      if (row % 100 === 0) await settle();
    }
    const calls = [now, sleep, controllers].map((spy) => spy.mock.calls.length);
    for (const spy of [now, sleep, controllers]) spy.mockRestore();

    expect([calls, bench.platform.sleeping]).toEqual([[0, 0, 0], sleeping]);
    await bench.platform.advance(100);
    expect(percentages().at(-1)).toBe(99.9);
  });

  test('progress that the end of the run stores is not stored on the head, too', async () => {
    const request = await bench.running();
    const reporter = await report(request);
    reporter.progress({ percentage: 10 });
    await reporter.finish();
    expect(reporter.unsaved).toEqual({ percentage: 10, seq: 1, afterOffset: 1 });
    reporter.progressIsSaved();
    expect(reporter.unsaved).toBeUndefined();
    await reporter.close();

    expect(percentages()).toEqual([10]);
    expect(await bench.head(request)).toBeUndefined();
  });

  test('stored progress has the same number as its frame, so that a client shows it once', async () => {
    const request = await bench.running();
    const reporter = await report(request, 100);
    for (let percentage = 1; percentage < 60; percentage++) {
      reporter.progress({ percentage });
      await bench.platform.advance(37);
      const { seq, percentage: stored } = { ...(await bench.head(request)) } as { seq: number; percentage: number };
      for (const frame of bench.to(ALICE).filter(({ type }) => type === 'progress')) {
        expect(Number(frame.seq) === seq).toBe(frame.percentage === stored);
      }
    }
  });

  test('progress of a new attempt starts over', async () => {
    const first = await bench.running();
    const reporter = await report(first);
    reporter.progress({ percentage: 80, message: 'nearly' });
    await reporter.close();
    bench.platform.time += 61_000;
    const second = await bench.claim();
    await report(second);

    expect(await bench.head(second)).toEqual({
      logKey: expect.any(String),
      offset: -1,
      run: 1,
      attempt: 2,
      fence: 2,
      seq: 0,
      expiresAt: expect.any(Number),
    });
  });

  test('progress stops if the attempt has lost the head, even if it emits no events', async () => {
    const first = await bench.running();
    const onStale = jest.fn();
    const stale = await report(first, 10, onStale);
    bench.platform.time += 61_000;
    const second = await bench.claim();
    await report(second);
    stale.progress({ percentage: 99 });
    await bench.platform.advance(100);
    stale.progress({ percentage: 100 });
    await bench.platform.advance(2_000);

    expect(onStale).toHaveBeenCalledTimes(1);
    expect(await bench.head(second)).not.toHaveProperty('percentage');
    expect(percentages()).toEqual([99]);
  });

  test('an attempt that reports nothing notices within seconds that it lost the head', async () => {
    const onStale = jest.fn();
    await report(await bench.running(), 10, onStale);
    bench.platform.time += 61_000;
    await report(await bench.claim());
    await bench.platform.advance(3_000);

    expect(onStale).toHaveBeenCalledTimes(1);
  });

  test('progress after the close is ignored', async () => {
    const reporter = await report(await bench.running());
    await reporter.close();
    reporter.progress({ percentage: 50 });
    await bench.platform.advance(5_000);

    expect(percentages()).toEqual([]);
  });
});

test('two logs in one process do not affect each other', async () => {
  const bob = { ...ALICE, connectionId: 'c-bob', user: 'bob' };
  await bench.connect(bob);
  await bench.request('r1');
  await acceptRequest(bench.deps, bob, { type: 'request', id: 'r1', action: 'report' }, { maxAttempts: 3 });
  const mine = await bench.claim('r1');
  const his = { ...(await bench.stored('r1', bob)), status: 'RUNNING', fence: 1, attempt: 1 } as const;
  const [a, b] = await Promise.all([report(mine), report(his)]);

  for (let i = 0; i < 20; i++) {
    a.progress({ percentage: i, message: 'a' });
    b.progress({ percentage: 100 - i, message: 'b' });
    await Promise.all([a.emit('from-a', i), b.emit('from-b', i)]);
    await bench.platform.advance(60);
  }

  const of = (connection: typeof ALICE, key: string) => [...new Set(bench.to(connection).map((frame) => frame[key]))];
  expect(of(ALICE, 'name')).toEqual(['$attempt', 'from-a', undefined]);
  expect(of(bob, 'name')).toEqual(['$attempt', 'from-b', undefined]);
  expect(of(ALICE, 'message').filter(Boolean)).toEqual(['a']);
  expect(of(bob, 'message').filter(Boolean)).toEqual(['b']);
  expect((await bench.entries(mine)).map(({ offset }) => offset)).toEqual(Array.from({ length: 21 }, (_, i) => i));
  expect((await bench.entries(his)).map(({ offset }) => offset)).toEqual(Array.from({ length: 21 }, (_, i) => i));
});
