import * as fc from 'fast-check';
import { type MoveAction, MoveWorld } from './support/move-world';

/**
 * A client on a gateway that closes each connection after two minutes. Frames come over both connections while the client moves from one to the other, late and in
 * any order.
 */

const simple = (...kinds: MoveAction['kind'][]) => fc.constantFrom(...kinds).map((kind) => ({ kind }) as MoveAction);
const advance = fc.constantFrom(1_000, 5_000, 20_000, 60_000).map((ms): MoveAction => ({ kind: 'advance', ms }));
const work = simple(
  'emit',
  'emit',
  'emit',
  'publish',
  'publish',
  'sync',
  'request',
  'subscribe',
  'leave',
  'send',
  'complete',
);
const faults = simple('drop', 'drop', 'offline', 'online', 'sleep', 'expire');

const runs = Number(process.env.MOVE_RUNS ?? 40);
const seeds = fc.nat({ max: 1_000_000 });
const calm = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: work },
    { weight: 3, arbitrary: advance },
    { weight: 1, arbitrary: simple('expire') },
  ),
  {
    minLength: 20,
    maxLength: 60,
    size: 'max',
  },
);
const wild = fc.array(
  fc.oneof({ weight: 4, arbitrary: work }, { weight: 3, arbitrary: advance }, { weight: 2, arbitrary: faults }),
  {
    minLength: 20,
    maxLength: 60,
    size: 'max',
  },
);

async function run(world: MoveWorld, actions: readonly MoveAction[]): Promise<MoveWorld> {
  for (const action of actions) await world.act(action);
  await world.finish();
  return world;
}

/** Offsets from the first to the last without a gap, or none. */
const whole = (first: number, end: number) => Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);

function expectWhole({ events, messages, gateway: { server } }: MoveWorld): void {
  for (const [id, offsets] of events) {
    const end = (server.requests.get(id)?.entries.length ?? 1) - 1;
    expect({ id, offsets }).toEqual({ id, offsets: whole(0, end) });
  }
  for (const { topic, offsets, isOver } of messages) {
    const end = isOver ? (offsets.at(-1) ?? -1) + 1 : (server.topics.get(topic)?.entries.length ?? 0);
    if (offsets.length > 0) expect({ topic, offsets }).toEqual({ topic, offsets: whole(offsets[0] as number, end) });
  }
}

test('On a network without faults, no disconnect is visible, nothing is lost or repeated, and no sync request runs twice', async () => {
  let moves = 0;
  await fc.assert(
    fc.asyncProperty(seeds, calm, async (seed, actions) => {
      const world = await run(
        new MoveWorld(seed),
        actions.filter(({ kind }) => kind !== 'expire'),
      );
      expect(world.states).toEqual(['connecting', 'connected', 'closed']);
      expectWhole(world);
      expect(world).toMatchObject({ failures: [], unsettled: 0, recovered: [], pendingTimers: 0 });
      expect([...world.gateway.server.syncRuns.values()].filter((count) => count !== 1)).toEqual([]);
      expect(world.mostOpen).toBeLessThanOrEqual(2);
      const count = world.gateway.connects.length;
      // A connection is replaced when it is a minute old, not earlier.
      expect(count).toBeLessThanOrEqual(1 + world.now / 60_000);
      moves += count - 1;
    }),
    { numRuns: runs },
  );
  expect(moves).toBeGreaterThan(runs);
});

test('If tokens expire, no disconnect is visible, and nothing is lost or repeated', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, calm, async (seed, actions) => {
      const world = await run(new MoveWorld(seed), actions);
      expect(world.states).toEqual(['connecting', 'connected', 'closed']);
      expectWhole(world);
      expect(world).toMatchObject({ failures: [], unsettled: 0, recovered: [], pendingTimers: 0 });
    }),
    { numRuns: runs },
  );
});

test('If connections, frames and handshakes are lost at random, no event and no message is lost or repeated', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, wild, async (seed, actions) => {
      const world = await run(new MoveWorld(seed, { lost: 0.05, refused: 0.3 }), actions);
      expectWhole(world);
      expect(world).toMatchObject({ unsettled: 0, pendingTimers: 0 });
      expect(world.recovered).not.toContain(false);
      expect(world.mostOpen).toBeLessThanOrEqual(2);
    }),
    { numRuns: runs },
  );
});
