import type { Benchmark } from './lib/results';
import { percentile, significant } from './lib/statistics';
import { versionsOf } from './lib/versions';
import { CancelWorld, emptyTally, STATES, type Tally } from './virtual/cancellations';

const SEED = 1;
/** Number of acknowledged cancellations of requests that had not ended. */
const CANCELS = 2_000;
/** Number of cancellations in each state of a request. */
const IN_EACH_STATE = 50;
const MAX_ROUNDS = 60;

/**
 * Cancels at least 2,000 requests at random points of random lifecycles, in virtual time. Meanwhile, processes of all functions end at random calls.
 *
 * @throws Error if too few cancellations took place in one of the states, or no process ended early
 */
export const cancel: Benchmark = async (report) => {
  const tally = emptyTally();
  for (let round = 0; round < MAX_ROUNDS && countOf(tally) < CANCELS; round++) {
    report(`round ${round + 1}: ${countOf(tally)} cancellations …`);
    await new CancelWorld(SEED + round, tally).run();
  }
  checkTally(tally);
  return { versions: versionsOf('@aws-sdk/util-dynamodb'), figures: figuresOf(tally) };
};

const countOf = ({ cancels }: Tally): number => Object.values(cancels).reduce((sum, count) => sum + count, 0);

/** @throws Error if the cancellations or crashes are too few for a meaningful result */
export function checkTally(tally: Tally): void {
  const count = countOf(tally);
  if (count < CANCELS) throw new Error(`only ${count} cancellations were acknowledged, instead of ${CANCELS}`);
  if (tally.crashes === 0) throw new Error('no process ended early');
  const rare = STATES.filter((state) => tally.cancels[state] < IN_EACH_STATE);
  if (rare.length > 0) throw new Error(`fewer than ${IN_EACH_STATE} cancellations in the states: ${rare.join(', ')}`);
}

function figuresOf(tally: Tally): Record<string, number> {
  return {
    cancels: countOf(tally),
    ...Object.fromEntries(STATES.map((state) => [`cancels_${state}`, tally.cancels[state]])),
    signals: tally.signalMs.length,
    p99_signal_ms: significant(percentile(tally.signalMs, 99)),
    max_signal_ms: significant(Math.max(...tally.signalMs)),
    ran_after_cancel: tally.ranAfter,
    retried_after_cancel: tally.retriedAfter,
    terminal_not_one: tally.terminalNotOne,
    ended_otherwise: tally.otherEnds,
    viewers_differ: tally.viewersDiffer,
    crashes: tally.crashes,
    seed: SEED,
  };
}
