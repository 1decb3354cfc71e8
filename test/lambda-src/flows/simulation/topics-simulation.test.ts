import { check, TOPIC_PROPERTIES } from './seeded-properties';

/** Number of seeds. Each push also runs `npm run test:simulation`, which has 5,000. */
const RUNS = Number(process.env.STREAMER_SIMULATION_RUNS ?? 1_500);

test.each(TOPIC_PROPERTIES)('$name', async (property) => {
  expect(await check(property, RUNS)).toEqual({ counterexamples: [], rare: [] });
});
