import type { Benchmark } from './lib/results';
import { percentile, significant } from './lib/statistics';
import { versionsOf } from './lib/versions';
import { VirtualWorld } from './virtual/world';

const SEED = 1;
const ROUNDS = 1;
const [MANY, FEW] = [10_000, 10];
/** Maximum of concurrent attempts per tenant, of 50 over all. */
const CAP = 25;

/**
 * Tenant A queues 10,000 requests at once, and tenant B ten requests 15 seconds later. Compares the waits of tenant B with those without tenant A, in virtual time.
 */
export const fairness: Benchmark = async (report) => {
  const [alone, together]: [number[], number[]] = [[], []];
  let violations = 0;
  for (let round = 0; round < ROUNDS; round++) {
    report(`round ${round + 1} of ${ROUNDS} …`);
    alone.push(...(await run(SEED + round, 0)).waits('b'));
    const world = await run(SEED + round, MANY);
    together.push(...world.waits('b'));
    violations += [...world.most.values()].filter((most) => most > CAP).length;
  }
  const [aloneMs, togetherMs] = [percentile(alone, 95), percentile(together, 95)];
  return {
    versions: versionsOf('@aws-sdk/util-dynamodb'),
    figures: {
      b_p95_ratio: significant(togetherMs / aloneMs),
      b_p95_alone_ms: significant(aloneMs),
      b_p95_ms: significant(togetherMs),
      cap_violations: violations,
      seed: SEED,
    },
  };
};

async function run(seed: number, many: number): Promise<VirtualWorld> {
  const world = new VirtualWorld({
    seed,
    maxConcurrency: 50,
    caps: [{ scope: 'tenant', max: CAP }],
    workMs: (_, random) => 100 + 200 * random,
  });
  for (let n = 0; n < many; n++) void world.submit('a', `a${n}`);
  world.clock.setTimeout(() => {
    for (let n = 0; n < FEW; n++) void world.submit('b', `b${n}`);
  }, 15_000);
  await world.runToEnd(many + FEW);
  return world;
}
