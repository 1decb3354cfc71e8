import { CAPPED, check, REQUEST_PROPERTIES, SERIAL } from './seeded-properties';
import { Simulation } from './simulation';

/** Number of seeds. Each push also runs `npm run test:simulation`, which has 5,000. */
const RUNS = Number(process.env.STREAMER_SIMULATION_RUNS ?? 1_500);

test.each(REQUEST_PROPERTIES)('$name', async (property) => {
  expect(await check(property, RUNS)).toEqual({ counterexamples: [], rare: [] });
});

test.each([
  ['serial', SERIAL],
  ['capped', CAPPED],
])('attempts of a %s action exceed a cap that the processors do not know', async (_, options) => {
  const violations: string[] = [];
  for (let seed = 0; seed < 25; seed++) {
    const simulation = new Simulation({ seed, ...options, uncapped: true });
    await simulation.run();
    violations.push(...simulation.violations);
  }
  expect(violations.length).toBeGreaterThan(5);
  expect(violations.every((violation) => / (starts|renews) while /.test(violation))).toBe(true);
});

test('a property whose events are too rare does not hold', async () => {
  const [property] = REQUEST_PROPERTIES;
  const { rare } = await check({ ...property, share: 1, least: { death: 12, earthquake: 1 } }, 100);
  expect(rare).toEqual(['earthquake: 0 times in 100 simulations']);
});
