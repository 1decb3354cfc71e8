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
/** Requests of the minute before: the queue mapping has then grown from five concurrent batches to the maximum. */
const WARM_UP = 3_000;

/**
 * A request of 15 minutes, a stream record that is no request and 200 short requests of another tenant arrive at the same time, in virtual time. Measures the waits of
 * the short ones, without the stream's own latency. Several seeds are measured, and the worst one is reported.
 */
export const headOfLine: Benchmark = async (report) => {
  let [warm, cold] = [0, 0];
  for (let seed = SEED; seed < SEED + SEEDS; seed++) {
    report(`seed ${seed}: after a minute of other requests, and without …`);
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
