import { profileOf } from '../local/emulator/chaos';
import type { Workload } from './chaos/audience';
import type { Outcome } from './chaos/outcome';
import { tallyOf } from './chaos/tally';
import type { Benchmark } from './lib/results';
import { versionsOf } from './lib/versions';
import { Reliability } from './virtual/chaos/reliability';

const SEED = 1;
const WORKLOAD: Workload = { seed: SEED, requests: 1_000, events: 100 };
const HARSHEST = profileOf('harshest');

/**
 * Runs 1,000 requests with 100 events each under the harshest profile of faults, in virtual time.
 *
 * @throws Error if one of the faults did not occur, because the figures would then mean little
 */
export const reliability: Benchmark = async (report) => {
  report('the requests without faults …');
  const undisturbed = await new Reliability(WORKLOAD, profileOf('calm')).run();
  report('the same requests under the harshest profile …');
  const outcome = await new Reliability(WORKLOAD, HARSHEST).run();
  checkFaults(
    outcome,
    HARSHEST.rules.map(({ at, fault }) => `${at} ${fault}`),
  );
  return {
    versions: versionsOf('@aws-sdk/util-dynamodb'),
    figures: { ...figuresOf(outcome, undisturbed), rung: 1, seed: SEED },
  };
};

/**
 * Checks that an experiment has had faults.
 *
 * @param faults the faults that must have occurred, such as `post throttle`
 * @throws Error if one of them did not occur, or if no process ended early
 */
export function checkFaults(
  { faults: occurred, kills }: Pick<Outcome, 'faults' | 'kills'>,
  faults: readonly string[],
): void {
  if (Object.keys(occurred).length === 0) throw new Error('no fault occurred');
  if (kills === 0) throw new Error('no process ended early');
  const missing = faults.filter((fault) => !occurred[fault]);
  if (missing.length > 0) throw new Error(`these faults did not occur: ${missing.join(', ')}`);
}

/** Returns the figures of an experiment. @param undisturbed the same requests without faults */
export function figuresOf(outcome: Outcome, undisturbed: Outcome): Record<string, number> {
  const tally = tallyOf(outcome, undisturbed);
  return {
    acknowledged: tally.acknowledged,
    lost: tally.lost,
    gaps: tally.gaps,
    duplicates: tally.duplicates,
    terminal_not_one: tally.terminalNotOne,
    log_differs: tally.logDiffers,
    events: tally.events,
    attempts: tally.attempts,
    faults_injected: Object.values(outcome.faults).reduce((sum, count) => sum + count, 0),
    kills: outcome.kills,
  };
}
