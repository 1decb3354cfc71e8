import { REQUEST_PROPERTIES, type SeededProperty, seedsOf, TOPIC_PROPERTIES } from './seeded-properties';

// Program of `npm run test:long`: checks the properties without jest, and prints each counterexample.

const RUNS = Number(process.env.STREAMER_SIMULATION_RUNS);
/** Number of seeds after which the program reports its progress. A run may last hours, and it may be stopped at any time. */
const REPORTED_SEEDS = 25_000;
// Stack traces make errors expensive, and nobody reads them here.
Error.stackTraceLimit = 0;

async function check(property: SeededProperty): Promise<void> {
  const seeds = seedsOf(property, RUNS);
  for (const [index, seed] of seeds.entries()) {
    const violations = await property.violations(seed);
    if (violations.length > 0) report(property, seed, violations);
    if ((index + 1) % REPORTED_SEEDS === 0) console.log(`  ${format(index + 1)} of ${format(seeds.length)} seeds`);
  }
  console.log(`${property.name}: ${format(seeds.length)} seeds`);
}

const format = (count: number): string => count.toLocaleString('en');

function report({ name }: SeededProperty, seed: number, violations: readonly string[]): void {
  console.error(`VIOLATED with STREAMER_SEED=${seed}: ${name}\n  ${violations.join('\n  ')}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  for (const property of [...TOPIC_PROPERTIES, ...REQUEST_PROPERTIES]) await check(property);
}

void main();
