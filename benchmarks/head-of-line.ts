import type { Benchmark } from './lib/results';
import { percentile, significant } from './lib/statistics';
import { versionsOf } from './lib/versions';
import { STREAM_MS } from './virtual/stream';
import { VirtualWorld } from './virtual/world';

const SEED = 1;
const SEEDS = 5;
const SHORT = 200;
/** Mean duration of the short requests. */
const SHORT_MS = 50;
const LONG_MS = 890_000;
/** Number of requests in the minute before. After them, the queue mapping has grown from five concurrent batches to the maximum. */
const WARM_UP = 3_000;

/**
 * Measures the waits of 200 short requests, without the stream's own latency. A request of 15 minutes by another tenant and a stream record without a request arrive
 * at the same time as the short requests. The benchmark uses virtual time and several seeds, and reports the worst seed.
 */
export const headOfLine: Benchmark = async (report) => {
  let [warm, cold] = [0, 0];
  for (let seed = SEED; seed < SEED + SEEDS; seed++) {
    report(`seed ${seed}: with and without a minute of earlier requests …`);
    warm = Math.max(warm, percentile(await waits(seed, WARM_UP), 99));
    cold = Math.max(cold, percentile(await waits(seed, 0), 99));
  }
  return {
    versions: versionsOf('@aws-sdk/util-dynamodb'),
    figures: {
      p99_start_ms: significant(warm),
      p99_start_cold_ms: significant(cold),
      seed: SEED,
      seeds: SEEDS,
    },
  };
};

async function waits(seed: number, before: number): Promise<number[]> {
  const world = new VirtualWorld({ seed, maxConcurrency: 50, workMs });
  for (let n = 0; n < before; n++) void world.submit('before', `before${n}`);
  if (before > 0) await world.clock.runUntil(() => world.endedCount >= before);
  world.poison();
  void world.submit('long', 'long');
  for (let n = 0; n < SHORT; n++) void world.submit('short', `short${n}`);
  await world.runToEnd(before + SHORT + 1);
  return world.waits('short').map((wait) => wait - STREAM_MS);
}

const workMs = ({ id }: { readonly id: string }, random: number): number =>
  id === 'long' ? LONG_MS : (0.5 + random) * (id.startsWith('before') ? 1_000 : SHORT_MS);
