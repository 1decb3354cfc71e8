import { check, TOPIC_PROPERTIES } from './seeded-properties';

const RUNS = Number(process.env.STREAMER_SIMULATION_RUNS ?? 5_000);

test.each(TOPIC_PROPERTIES)('$name', async (property) => {
  expect(await check(property, RUNS)).toEqual({ counterexamples: [], rare: [] });
});
