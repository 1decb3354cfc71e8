import * as fc from 'fast-check';
import { Simulation } from './simulation';

/** Design, "What must always hold", 1 to 3. A counterexample is a seed: the same seed gives the same trace. */
const RUNS = Number(process.env.STREAMER_SIMULATION_RUNS ?? 5_000);

async function violations(seed: number, requests: number): Promise<string[]> {
  const simulation = new Simulation({ seed, requests });
  await simulation.run();
  return simulation.violations.length > 0 ? [...simulation.violations, ...simulation.trace.slice(-40)] : [];
}

describe('two processors, sweeper and dispatcher in any order, with crashes between any two writes', () => {
  test('lose no acknowledged request, make each transition once and end each log once', async () => {
    const everySeed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    await fc.assert(
      fc.asyncProperty(everySeed, async (seed) => {
        expect(await violations(seed, 1)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  test('do the same with several requests at once', async () => {
    for (let seed = 0; seed < RUNS / 10; seed++) expect(await violations(seed, 3)).toEqual([]);
  });

  test('acknowledge, crash and retry often enough for the property to mean something', async () => {
    const seen = { acked: 0, crashes: 0, takeovers: 0, lostMessages: 0 };
    for (let seed = 0; seed < 500; seed++) {
      const simulation = new Simulation({ seed });
      await simulation.run();
      seen.acked += simulation.acked.size;
      seen.crashes += simulation.trace.filter((line) => line.includes(' dies ')).length;
      seen.lostMessages += simulation.trace.filter((line) => line === 'message lost').length;
      seen.takeovers += simulation.takeovers;
    }
    expect(seen.acked).toBeGreaterThan(400);
    expect(seen.crashes).toBeGreaterThan(500);
    expect(seen.lostMessages).toBeGreaterThan(50);
    expect(seen.takeovers).toBeGreaterThan(20);
  });
});
