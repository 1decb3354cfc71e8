import { REQUEST_PROPERTIES, type SeededProperty, seedsOf, TOPIC_PROPERTIES } from './seeded-properties';

// Program of `npm run test:long`: checks the properties without jest, and prints each counterexample.

const RUNS = Number(process.env.STREAMER_SIMULATION_RUNS);
// they make an error expensive, and nobody reads them
Error.stackTraceLimit = 0;

async function check(property: SeededProperty): Promise<void> {
  const seeds = seedsOf(property, RUNS);
  for (const seed of seeds) {
    const violations = await property.violations(seed);
    if (violations.length > 0) report(property, seed, violations);
  }
  console.log(`${property.name}: ${seeds.length.toLocaleString('en')} seeds`);
}

function report({ name }: SeededProperty, seed: number, violations: readonly string[]): void {
  console.error(`VIOLATED with STREAMER_SEED=${seed}: ${name}\n  ${violations.join('\n  ')}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  for (const property of [...TOPIC_PROPERTIES, ...REQUEST_PROPERTIES]) await check(property);
}

void main();
