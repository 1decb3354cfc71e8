import type { RequestItem } from '../../../lambda-src/core/request';
import { attach } from '../../../lambda-src/flows/attach';
import { viewersOf } from '../../../lambda-src/flows/viewers';
import { ALICE, ALICE_PHONE, Bench } from '../support/bench';

const FRAME = '{"type":"event","id":"r1"}';
let bench: Bench;
let request: RequestItem;
beforeEach(async () => {
  bench = new Bench();
  await bench.connect(ALICE, ALICE_PHONE);
  request = await bench.running();
});

const attachPhone = () => attach(bench.deps, ALICE_PHONE, { type: 'attach', id: 'r1', offset: 0 });
async function fresh() {
  const viewers = viewersOf(bench.deps, request);
  await viewers.refresh();
  return viewers;
}
const connectionOf = (connectionId: string) => bench.memory.get('connections', { connectionId });

describe('the first viewer', () => {
  test('is the connection that asked', async () => {
    const viewers = await fresh();
    await viewers.send(FRAME, 1);

    expect(viewers.size).toBe(1);
    expect(bench.posts.map(({ to }) => to)).toEqual(['c-alice']);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['is gone', () => bench.memory.write({ kind: 'delete', table: 'connections', key: { connectionId: 'c-alice' } })],
    ['was opened again under the same id', () => bench.connect({ ...ALICE, connectedAt: 9_000 })],
    ['belongs to another tenant', () => bench.connect({ ...ALICE, tenant: 'evil' })],
  ])('does not count when its connection %s', async (_, change) => {
    await change();

    expect((await fresh()).size).toBe(0);
  });

  test('counts once, though it attached as well', async () => {
    await attach(bench.deps, ALICE, { type: 'attach', id: 'r1', offset: 0 });
    const viewers = await fresh();
    await viewers.send(FRAME, 1);

    expect(bench.posts).toHaveLength(1);
  });

  test('is checked once, not at each refresh', async () => {
    let reads = 0;
    bench.beforeStore = (call, table) => {
      if (call === 'get' && table === 'connections') reads++;
    };
    const viewers = await fresh();
    await viewers.refresh();

    expect(reads).toBe(1);
  });
});

test('a viewer that came is seen at the next refresh', async () => {
  const viewers = await fresh();
  await attachPhone();
  expect(viewers.size).toBe(1);
  await viewers.refresh();

  expect(viewers.size).toBe(2);
});

describe('a viewer that is gone', () => {
  test('is forgotten, with its connection and its subscription, and not sent to again', async () => {
    await attachPhone();
    bench.answers.set('c-phone', () => 'gone');
    const viewers = await fresh();
    await viewers.send(FRAME, 3);
    await viewers.refresh();
    await viewers.send(FRAME, 3);

    expect(bench.to(ALICE_PHONE)).toHaveLength(1);
    expect(bench.to(ALICE)).toHaveLength(2);
    expect(await connectionOf('c-phone')).toBeUndefined();
    expect(bench.memory.all('subscriptions')).toEqual([]);
    expect(await connectionOf('c-alice')).toBeDefined();
  });

  test('takes nothing along from the connection that has its id by now', async () => {
    await attachPhone();
    const viewers = await fresh();
    await bench.connect({ ...ALICE_PHONE, connectedAt: 9_000 });
    await attach(bench.deps, { ...ALICE_PHONE, connectedAt: 9_000 }, { type: 'attach', id: 'r1', offset: 0 });
    bench.answers.set('c-phone', () => 'gone');
    await viewers.send(FRAME, 1);

    expect(await connectionOf('c-phone')).toMatchObject({ connectedAt: 9_000 });
    expect(bench.memory.all('subscriptions')).toMatchObject([{ connectedAt: 9_000 }]);
  });
});

describe('a viewer that is busy', () => {
  test('is tried as often as asked, with growing waits, and holds up nobody', async () => {
    await attachPhone();
    bench.answers.set('c-phone', () => 'busy');
    const viewers = await fresh();
    const start = bench.world.now();
    const sending = viewers.send(FRAME, 3);
    await bench.world.advance(0);
    expect(bench.to(ALICE)).toHaveLength(1);
    await bench.world.advance(10_000);
    await sending;

    expect(bench.posts.flatMap(({ to, at }) => (to === 'c-phone' ? [at - start] : []))).toEqual([0, 100, 500]);
    expect(viewers.size).toBe(2);
    expect(bench.memory.all('subscriptions')).toHaveLength(1);
  });

  test('is tried once where once was asked for', async () => {
    bench.answers.set('c-alice', () => 'busy');
    await (await fresh()).send(FRAME, 1);

    expect(bench.posts).toHaveLength(1);
  });

  test('that takes it the second time has it', async () => {
    let calls = 0;
    bench.answers.set('c-alice', () => (calls++ === 0 ? 'busy' : 'sent'));
    const sending = (await fresh()).send(FRAME, 3);
    await bench.world.advance(1_000);
    await sending;

    expect(calls).toBe(2);
  });
});
