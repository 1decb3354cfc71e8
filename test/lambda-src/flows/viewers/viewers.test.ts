import type { RequestItem } from '../../../../lambda-src/core/request';
import { attach } from '../../../../lambda-src/flows/requests/attach';
import type { Outgoing } from '../../../../lambda-src/flows/viewers/viewer-line';
import { Viewers } from '../../../../lambda-src/flows/viewers/viewers';
import { ALICE, ALICE_PHONE, Bench } from '../../support/bench';
import { settle } from '../../support/fake-platform';

let bench: Bench;
let request: RequestItem;
let viewers: Viewers;
beforeEach(async () => {
  bench = new Bench();
  await bench.connect(ALICE, ALICE_PHONE);
  request = await bench.running();
  viewers = new Viewers(bench.deps, request);
});
afterEach(async () => {
  const closing = viewers.close();
  await bench.platform.advance(1_000);
  await closing;
  expect(bench.platform.sleeping).toBe(0);
});

const entry = (offset: number, size = 0): Outgoing => ({
  kind: 'entry',
  text: JSON.stringify({ type: 'event', id: 'r1', offset, data: 'x'.repeat(size) }),
});
const progress = (seq: number): Outgoing => ({
  kind: 'progress',
  text: JSON.stringify({ type: 'progress', id: 'r1', seq }),
});
const attachPhone = () => attach(bench.deps, ALICE_PHONE, { type: 'attach', id: 'r1', offset: 0 });
const connectionOf = (connectionId: string) => bench.memory.get('connections', { connectionId });
const offsetsTo = (to: typeof ALICE) => bench.to(to).flatMap(({ offset }) => (offset === undefined ? [] : [offset]));

async function send(...frames: Outgoing[]): Promise<void> {
  for (const frame of frames) viewers.send(frame);
  await settle();
}

describe('the first viewer', () => {
  test('the first viewer is the connection that sent the request', async () => {
    await send(entry(0));

    expect(bench.posts.map(({ to }) => to)).toEqual(['c-alice']);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['is gone', () => bench.memory.write({ kind: 'delete', table: 'connections', key: { connectionId: 'c-alice' } })],
    ['was opened again under the same id', () => bench.connect({ ...ALICE, connectedAt: 9_000 })],
    ['belongs to another tenant', () => bench.connect({ ...ALICE, tenant: 'evil' })],
  ])('the first viewer does not count when its connection %s', async (_, change) => {
    await change();
    await send(entry(0));

    expect(bench.posts).toEqual([]);
  });

  test('the first viewer gets each frame once, even if it also attached', async () => {
    await attach(bench.deps, ALICE, { type: 'attach', id: 'r1', offset: 0 });
    await send(entry(0));

    expect(bench.posts).toHaveLength(1);
  });

  test('the first viewer is checked only once, at the same time as the other viewers are read', async () => {
    const calls: string[] = [];
    bench.beforeStore = (call, table) => void calls.push(`${call} ${table}`);
    viewers.send(entry(0));
    expect(calls).toEqual(['query subscriptions', 'get connections']);
    await settle();
    await send(entry(1));

    expect(calls).toEqual(['query subscriptions', 'get connections', 'query subscriptions']);
  });
});

test('a viewer that attached is sent the next entry', async () => {
  await send(entry(0));
  await attachPhone();
  await send(entry(1));

  expect([offsetsTo(ALICE), offsetsTo(ALICE_PHONE)]).toEqual([[0, 1], [1]]);
});

test('a viewer that attached is sent the next progress once it is noticed', async () => {
  await send(entry(0));
  await attachPhone();
  await send(progress(1));
  expect(bench.to(ALICE_PHONE)).toEqual([]);
  viewers.seeNewcomers();
  await send(progress(2));

  expect(bench.to(ALICE_PHONE)).toMatchObject([{ type: 'progress', seq: 2 }]);
});

test('a viewer that attached after the last progress gets it before the next entry, which may end the run', async () => {
  await send(entry(0), progress(1), progress(2));
  await attachPhone();
  await send(entry(1));
  await send(entry(2));

  expect(bench.to(ALICE_PHONE).map(({ offset, seq }) => offset ?? `seq ${seq}`)).toEqual(['seq 2', 1, 2]);
  expect(bench.to(ALICE).filter(({ type }) => type === 'progress')).toHaveLength(1);
});

test('sending only progress reads no table', async () => {
  await send(entry(0));
  let reads = 0;
  bench.beforeStore = () => void reads++;
  await send(progress(1), progress(2));

  expect(reads).toBe(0);
});

test('viewers that could not be read are read with the next frame', async () => {
  let failures = 0;
  bench.beforeStore = (_, table) => {
    if (table === 'subscriptions' && failures++ === 0) throw new Error('throttled');
  };
  await send(entry(0));
  expect(bench.lines).toMatchObject([{ level: 'warn', message: 'the viewers could not be read' }]);
  await send(progress(1));

  expect(bench.to(ALICE)).toMatchObject([{ type: 'progress', seq: 1 }]);
});

test('each viewer gets its frames one at a time and in order, whatever another one does', async () => {
  await attachPhone();
  const answers: (() => void)[] = [];
  const post = bench.gateway.post;
  bench.gateway.post = async (to, text) => {
    if (to === 'c-phone') await new Promise<void>((resolve) => answers.push(resolve));
    return post(to, text);
  };
  await send(entry(0), entry(1), progress(1), entry(2));
  expect([offsetsTo(ALICE), offsetsTo(ALICE_PHONE)]).toEqual([[0, 1, 2], []]);
  for (let frame = 0; frame < 4; frame++) {
    expect(answers).toHaveLength(1);
    answers.pop()?.();
    await settle();
  }

  expect(bench.to(ALICE_PHONE).map(({ type, offset, seq }) => [type, offset ?? seq])).toEqual([
    ['event', 0],
    ['event', 1],
    ['progress', 1],
    ['event', 2],
  ]);
});

describe('a viewer that is gone', () => {
  test('a viewer that is gone is removed with its connection and subscription, and gets no further frames', async () => {
    await attachPhone();
    bench.answers.set('c-phone', () => 'gone');
    await send(entry(0));
    await send(entry(1));

    expect([offsetsTo(ALICE), offsetsTo(ALICE_PHONE)]).toEqual([[0, 1], [0]]);
    expect(await connectionOf('c-phone')).toBeUndefined();
    expect(bench.memory.all('subscriptions')).toEqual([]);
    expect(await connectionOf('c-alice')).toBeDefined();
  });

  test('the removal of a viewer that is gone does not affect a newer connection with the same id', async () => {
    await attachPhone();
    await send(entry(0));
    await bench.connect({ ...ALICE_PHONE, connectedAt: 9_000 });
    await attach(bench.deps, { ...ALICE_PHONE, connectedAt: 9_000 }, { type: 'attach', id: 'r1', offset: 0 });
    bench.answers.set('c-phone', () => 'gone');
    await send(progress(1));

    expect(bench.to(ALICE_PHONE)).toHaveLength(2);
    expect(await connectionOf('c-phone')).toMatchObject({ connectedAt: 9_000 });
    expect(bench.memory.all('subscriptions')).toMatchObject([{ connectedAt: 9_000 }]);
  });

  test('a viewer that cannot be removed only causes a log line', async () => {
    bench.answers.set('c-alice', () => 'gone');
    bench.beforeStore = (call) => {
      if (call === 'delete') throw new Error('throttled');
    };
    await send(entry(0));

    expect(bench.lines).toMatchObject([{ level: 'warn', message: 'a connection that is gone could not be removed' }]);
  });
});

describe('a viewer that is busy', () => {
  test('a busy viewer is skipped for a growing time, and then gets only the latest entry', async () => {
    await attachPhone();
    bench.answers.set('c-phone', () => 'busy');
    const start = bench.platform.now();
    await send(entry(0));
    for (let offset = 1; offset <= 20; offset++) {
      await send(entry(offset));
      await bench.platform.advance(50);
    }

    expect(offsetsTo(ALICE)).toEqual(Array.from({ length: 21 }, (_, offset) => offset));
    const attempts = bench.posts.filter(({ to }) => to === 'c-phone');
    expect(attempts.map(({ at, frame }) => [at - start, frame.offset])).toEqual([
      [0, 0],
      [75, 2],
      [225, 5],
      [525, 11],
    ]);
  });

  test('a viewer that accepts frames again gets the latest one, whose offset shows the gap, and then all further ones', async () => {
    let isBusy = true;
    bench.answers.set('c-alice', () => (isBusy ? 'busy' : 'sent'));
    await send(entry(0), entry(1), progress(1), entry(2));
    isBusy = false;
    await bench.platform.advance(100);
    await send(entry(3), entry(4));

    expect(bench.to(ALICE).map(({ offset, seq }) => offset ?? `seq ${seq}`)).toEqual([0, 'seq 1', 2, 3, 4]);
  });

  test('a busy viewer gets the last entry even if no further entry follows', async () => {
    let calls = 0;
    bench.answers.set('c-alice', () => (calls++ < 3 ? 'busy' : 'sent'));
    await send(entry(0));
    await bench.platform.advance(60_000);

    expect(offsetsTo(ALICE)).toEqual([0, 0, 0, 0]);
  });

  test('a busy viewer is sent its frames at once after an attach, because this viewer may have attached', async () => {
    bench.answers.set('c-alice', () => 'busy');
    await send(entry(0));
    await bench.platform.advance(30_000);
    const before = bench.posts.length;
    bench.answers.delete('c-alice');
    viewers.seeNewcomers();
    await settle();

    expect(bench.posts).toHaveLength(before + 1);
  });

  test('a viewer whose post fails counts as busy', async () => {
    bench.gateway.post = () => Promise.reject(new Error('no network'));
    await send(entry(0));

    expect(bench.lines).toMatchObject([{ level: 'warn', message: 'could not post' }]);
  });

  test('a viewer whose frame is refused does not count as busy, and the next frame is sent at once', async () => {
    bench.answers.set('c-alice', ({ offset }) => (offset === 0 ? 'refused' : 'sent'));
    await send(entry(0), entry(1));

    expect(offsetsTo(ALICE)).toEqual([0, 1]);
  });

  test('a busy viewer is posted to only once if the function does not wait', async () => {
    viewers = new Viewers(bench.deps, request, { once: true });
    bench.answers.set('c-alice', () => 'busy');
    await send(entry(0));
    await bench.platform.advance(60_000);

    expect(bench.posts).toHaveLength(1);
  });
});

describe('a viewer whose post takes long', () => {
  test('frames for a slow viewer use limited memory, because entries in the log are dropped', async () => {
    let answer = (_: 'sent') => undefined as unknown;
    bench.gateway.post = async (to, text) => {
      bench.posts.push({ to, at: bench.platform.now(), frame: JSON.parse(text) });
      return bench.posts.length > 1 ? 'sent' : new Promise((resolve) => (answer = resolve));
    };
    await send(entry(0));
    for (let offset = 1; offset <= 200; offset++) await send(entry(offset, 8_192));
    answer('sent');
    await settle();

    const offsets = offsetsTo(ALICE).map(Number);
    expect(offsets).toHaveLength(new Set(offsets).size);
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    expect(offsets.at(-1)).toBe(200);
    expect(offsets.length).toBeLessThan(70);
  });
});

describe('closing', () => {
  test('closing waits for posts in progress', async () => {
    let answer: (() => void) | undefined;
    const post = bench.gateway.post;
    bench.gateway.post = async (to, text) => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return post(to, text);
    };
    let isClosed = false;
    viewers.send(entry(0));
    const closing = viewers.close().then(() => {
      isClosed = true;
    });
    await bench.platform.advance(500);
    expect(isClosed).toBe(false);
    answer?.();
    await closing;

    expect(offsetsTo(ALICE)).toEqual([0]);
  });

  test('closing waits at most a second, and nothing is sent afterwards', async () => {
    const start = bench.platform.now();
    let answer: (() => void) | undefined;
    let posts = 0;
    bench.gateway.post = () => {
      posts++;
      return new Promise((resolve) => {
        answer = () => resolve('busy');
      });
    };
    viewers.send(entry(0));
    viewers.send(entry(1));
    let closedAt = 0;
    const closing = viewers.close().then(() => {
      closedAt = bench.platform.now() - start;
    });
    await bench.platform.advance(5_000);
    await closing;
    answer?.();
    viewers.send(entry(2));
    await bench.platform.advance(60_000);

    expect([closedAt, posts]).toEqual([1_000, 1]);
  });

  test('closing does not wait for a viewer that was busy twice', async () => {
    bench.answers.set('c-alice', () => 'busy');
    await send(entry(0));
    await bench.platform.advance(100);
    const start = bench.platform.now();
    await viewers.close();

    expect(bench.platform.now()).toBe(start);
  });
});
