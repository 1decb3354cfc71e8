import * as fc from 'fast-check';
import { TopicSimulation } from './topics-simulation';

const RUNS = Number(process.env.STREAMER_SIMULATION_RUNS ?? 2_000);

describe('notifiers and subscribers in any order, with crashes, repetitions and lost frames', () => {
  test('write each message once, and leave no subscriber with a gap or a duplicate', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 32 - 1 }), async (seed) => {
        const simulation = new TopicSimulation(seed);
        await simulation.run();
        expect(simulation.violations).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  test('miss nothing in any order of their steps, where nothing fails: nobody has to look again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 32 - 1 }), async (seed) => {
        const simulation = new TopicSimulation(seed, false);
        await simulation.run();
        expect(simulation.violations).toEqual([]);
      }),
      { numRuns: RUNS / 2 },
    );
  });

  test('crash, repeat and race often enough for the property to mean something', async () => {
    const seen = { crashes: 0, repetitions: 0, races: 0, lost: 0, gaps: 0, delivered: 0 };
    for (let seed = 0; seed < 200; seed++) {
      const simulation = new TopicSimulation(seed);
      await simulation.run();
      for (const [name, count] of Object.entries(simulation.seen)) seen[name as keyof typeof seen] += count;
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100);
  });
});
