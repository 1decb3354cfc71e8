import { seedsOf, TOPIC_PROPERTIES } from './seeded-properties';
import { TopicSimulation } from './topics-simulation';

const RUNS = Number(process.env.STREAMER_SIMULATION_RUNS ?? 5_000);

test.each(TOPIC_PROPERTIES)('$name', async (property) => {
  for (const seed of seedsOf(property, RUNS)) {
    expect({ seed, violations: await property.violations(seed) }).toEqual({ seed, violations: [] });
  }
});

test('crashes, repetitions and races occur often enough to test the properties of topics', async () => {
  const seen = { crashes: 0, repetitions: 0, races: 0, lost: 0, gaps: 0, delivered: 0 };
  for (let seed = 0; seed < 200; seed++) {
    const simulation = new TopicSimulation(seed);
    await simulation.run();
    for (const [name, count] of Object.entries(simulation.seen)) seen[name as keyof typeof seen] += count;
  }
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100);
});
