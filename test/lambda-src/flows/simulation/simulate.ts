import { check, REQUEST_PROPERTIES, type SeededProperty, TOPIC_PROPERTIES } from './seeded-properties';

// Program of `npm run test:long`: checks the properties without jest, and prints each counterexample.

const RUNS = Number(process.env.STREAMER_SIMULATION_RUNS);
/** Number of seeds after which the program reports its progress. A run may last hours, and it may be stopped at any time. */
const REPORTED_SEEDS = 25_000;
// Stack traces make errors expensive, and nobody reads them here.
Error.stackTraceLimit = 0;

const counts = { simulations: 0, violations: 0 };

async function report(property: SeededProperty): Promise<void> {
  let seeds = 0;
  const { counterexamples, rare } = await check(property, RUNS, (done, counterexample) => {
    seeds = done;
    if (counterexample) {
      const { seed, violations } = counterexample;
      console.error(`VIOLATED with STREAMER_SEED=${seed}: ${property.name}\n  ${violations.join('\n  ')}`);
    }
    if (done % REPORTED_SEEDS === 0) console.log(`  ${format(done)} seeds`);
  });
  if (rare.length > 0) console.error(`TOO RARE: ${property.name}\n  ${rare.join('\n  ')}`);
  if (counterexamples.length + rare.length > 0) process.exitCode = 1;
  counts.simulations += seeds;
  counts.violations += counterexamples.length;
  console.log(`${property.name}: ${format(seeds)} seeds`);
}

const format = (count: number): string => count.toLocaleString('en');

async function main(): Promise<void> {
  for (const property of [...TOPIC_PROPERTIES, ...REQUEST_PROPERTIES]) await report(property);
  // The parent process adds the numbers of all processes.
  process.send?.(counts);
}

void main();
