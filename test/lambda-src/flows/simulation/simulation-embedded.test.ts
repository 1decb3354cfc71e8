import { SEED } from '../../../support/seed';
import { storeOf } from '../../support/embedded-tables';
import { inProcessClient } from '../../support/in-process-client';
import { canonical, MirroredStore } from '../../support/mirrored-store';
import { Simulation, type SimulationOptions } from './simulation';

/** The same simulation on the embedded DynamoDB. It shows that the results of the tables' model also hold for the expressions that are sent. */
const RUNS = Number(process.env.STREAMER_EMBEDDED_RUNS ?? 250);

let database: Awaited<ReturnType<typeof inProcessClient>>;
beforeAll(async () => {
  database = await inProcessClient();
});
afterAll(() => database.close());

async function run(seed: number, more: Partial<SimulationOptions> = {}) {
  const store = storeOf(database.client);
  // The sweeper's item and the lock belong to no tenant, so they are deleted here.
  await store.write({ kind: 'delete', table: 'requests', key: { requestKey: '#sweeper' } });
  await store.write({ kind: 'delete', table: 'requests', key: { requestKey: '#serial#a' } });
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
    takeovers += simulation.takeovers;
  }

  expect(acked).toBeGreaterThan(RUNS * 0.8);
  expect(takeovers).toBeGreaterThan(RUNS / 25);
});

test('on the embedded tables, attempts of a serial action do not overlap, and the model never differs', async () => {
  let lockedOut = 0;
  for (let seed = SEED + RUNS; seed < SEED + RUNS * 1.1; seed++) {
    const { simulation, differences } = await run(seed, { requests: 3, chaosSteps: 120, serial: 'locked' });
    expect({ seed, differences, violations: simulation.violations }).toEqual({ seed, differences: [], violations: [] });
    lockedOut += simulation.lockedOut;
  }

  expect(lockedOut).toBeGreaterThan(RUNS / 100);
});
