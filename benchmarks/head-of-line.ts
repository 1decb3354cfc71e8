import type { Benchmark } from './lib/results';
import { percentile, significant } from './lib/statistics';
import { versionsOf } from './lib/versions';
import { STREAM_MS } from './virtual/stream';
import { VirtualWorld } from './virtual/world';

const SEED = 1;
const SHORT = 200;
const SHORT_MS = 50;
const LONG_MS = 890_000;
/** Requests of the minute before: the queue mapping has then grown from five concurrent batches to the maximum. */
const WARM_UP = 3_000;

/**
 * A request of 15 minutes, a stream record that is no request and 200 short requests of another tenant arrive at the same time, in virtual time. Measures the waits of
 * the short ones, without the stream's own latency.
 */
export const headOfLine: Benchmark = async (report) => {
  report('after a minute of other requests …');
  const warm = await waits(WARM_UP);
  report('without requests before …');
  const cold = await waits(0);
  return {
    versions: versionsOf('@aws-sdk/util-dynamodb'),
    figures: {
      p99_start_ms: significant(percentile(warm, 99)),
      p99_start_cold_ms: significant(percentile(cold, 99)),
      seed: SEED,
    },
  };
};

async function waits(before: number): Promise<number[]> {
  const world = new VirtualWorld({ seed: SEED, maxConcurrency: 50, workMs: ({ id }) => workMs(id) });
  for (let n = 0; n < before; n++) void world.submit('before', `before${n}`);
  if (before > 0) await world.clock.runUntil(() => world.endedCount >= before);
  world.poison();
  void world.submit('long', 'long');
  for (let n = 0; n < SHORT; n++) void world.submit('short', `short${n}`);
  await world.runToEnd(before + SHORT + 1);
  return world.waits('short').map((wait) => wait - STREAM_MS);
}

const workMs = (id: string): number => (id === 'long' ? LONG_MS : id.startsWith('before') ? 1_000 : SHORT_MS);
