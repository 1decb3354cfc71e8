import { capKey } from '../../../../lambda-src/core/keys';
import type { Key } from '../../../../lambda-src/core/write';
import { SEED } from '../../../support/seed';
import { storeOf } from '../../support/embedded-tables';
import { FakePlatform } from '../../support/fake-platform';
import { inProcessClient } from '../../support/in-process-client';
import { canonical, MirroredStore } from '../../support/mirrored-store';
import { CAPPED, LEFT, SERIAL } from './seeded-properties';
import { Simulation, type SimulationOptions } from './simulation';

/** The same simulation on the embedded DynamoDB. It shows that the results of the tables' model also hold for the expressions that are sent. */
const RUNS = Number(process.env.STREAMER_EMBEDDED_RUNS ?? 100);

const SERIAL_CAP = capKey('a', 'action');

// one for all stores: the engine remembers the tokens of transactions, which must differ between simulations
const platform = new FakePlatform();
let database: Awaited<ReturnType<typeof inProcessClient>>;
beforeAll(async () => {
  database = await inProcessClient();
});
afterAll(() => database.close());

async function run(seed: number, more: Partial<SimulationOptions> = {}) {
  const store = storeOf(database.client, platform);
  // the sweeper's item and the slots of the action have no tenant
  await store.write({ kind: 'delete', table: 'requests', key: { requestKey: '#sweeper' } });
  for (const { logKey, offset } of await store.query({ table: 'events', partition: SERIAL_CAP })) {
    await store.write({ kind: 'delete', table: 'events', key: { logKey, offset } as Key });
  }
  const differences: string[] = [];
  const simulation = new Simulation({
    seed,
    tenant: `t${seed}`,
    requests: 1,
    ...more,
    store: (onWrite) =>
      new MirroredStore(store, onWrite, (call, real, model) => {
        differences.push(`${call}: ${canonical(real)} is not ${canonical(model)}`);
      }),
  });
  await simulation.run();
  return { simulation, differences };
}

test('on the embedded tables, no acknowledged request is lost, each log ends once, and the model never differs', async () => {
  let [acked, takeovers] = [0, 0];
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    const { simulation, differences } = await run(seed);
    expect({ seed, differences, violations: simulation.violations }).toEqual({ seed, differences: [], violations: [] });
    acked += simulation.acked.size;
    takeovers += simulation.seen.takeover ?? 0;
  }

  expect(acked).toBeGreaterThan(RUNS * 0.8);
  expect(takeovers).toBeGreaterThan(RUNS / 25);
});

test.each([
  ['serial', SERIAL],
  ['capped', CAPPED],
])('on real tables, too, attempts of a %s action exceed no cap; the model never differs', async (name, options) => {
  let parked = 0;
  for (let seed = SEED + RUNS; seed < SEED + RUNS * 1.1; seed++) {
    const { simulation, differences } = await run(seed, { ...options, tenant: `${name}${seed}` });
    expect({ seed, differences, violations: simulation.violations }).toEqual({ seed, differences: [], violations: [] });
    parked += simulation.seen.parked ?? 0;
  }

  expect(parked).toBeGreaterThan(RUNS / 100);
});

test('on real tables, too, a request is cancelled in time if its viewers leave for good, and the model agrees with the tables', async () => {
  let cancelled = 0;
  for (let seed = SEED + RUNS; seed < SEED + RUNS * 1.1; seed++) {
    const { simulation, differences } = await run(seed, { ...LEFT, tenant: `left${seed}` });
    expect({ seed, differences, violations: simulation.violations }).toEqual({ seed, differences: [], violations: [] });
    cancelled += simulation.seen.cancelled ?? 0;
  }

  expect(cancelled).toBeGreaterThan(0);
});
