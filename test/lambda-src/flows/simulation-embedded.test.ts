import { storeOf } from '../support/embedded-tables';
import { inProcessClient } from '../support/in-process-client';
import { canonical, MirroredStore } from '../support/mirrored-store';
import { Simulation } from './simulation';

/** The same simulation on the embedded DynamoDB: what the model of the tables proves holds for the expressions that are sent. */
const RUNS = Number(process.env.STREAMER_EMBEDDED_RUNS ?? 500);

let database: Awaited<ReturnType<typeof inProcessClient>>;
beforeAll(async () => {
  database = await inProcessClient();
});
afterAll(() => database.close());

async function run(seed: number) {
  const store = storeOf(database.client);
  // the sweeper's one item has no tenant
  await store.write({ kind: 'delete', table: 'requests', key: { requestKey: '#sweeper' } });
  const differences: string[] = [];
  const simulation = new Simulation({
    seed,
    tenant: `t${seed}`,
    requests: 1,
    store: (onWrite) =>
      new MirroredStore(store, onWrite, (call, real, model) => {
        differences.push(`${call}: ${canonical(real)} is not ${canonical(model)}`);
      }),
  });
  await simulation.run();
  return { simulation, differences };
}

test('on real tables, too, no acknowledged request is lost and each log ends once; the model never differs', async () => {
  let [acked, takeovers] = [0, 0];
  for (let seed = 0; seed < RUNS; seed++) {
    const { simulation, differences } = await run(seed);
    expect({ seed, differences, violations: simulation.violations }).toEqual({ seed, differences: [], violations: [] });
    acked += simulation.acked.size;
    takeovers += simulation.takeovers;
  }

  expect(acked).toBeGreaterThan(RUNS * 0.8);
  expect(takeovers).toBeGreaterThan(RUNS / 25);
});
