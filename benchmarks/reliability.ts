import { profileOf } from '../local/emulator/chaos';
import type { Workload } from './chaos/audience';
import type { Outcome } from './chaos/outcome';
import { RealReliability } from './chaos/real-processes';
import { tallyOf } from './chaos/tally';
import { type Benchmark, readResult } from './lib/results';
import { withScratch } from './lib/scratch';
import { synthesize } from './lib/synthesize';
import { versionsOf } from './lib/versions';
import { Reliability } from './virtual/chaos/reliability';

const SEED = 1;
/** Requests of both rungs, each with 100 events. */
const VIRTUAL: Workload = { seed: SEED, requests: 1_000, events: 100 };
const REAL: Workload = { seed: SEED, requests: 100, events: 100 };
const CALM = profileOf('calm');
const HARSHEST = profileOf('harshest');

/** Faults that must occur in virtual time, where functions call only tables, queues and connections. */
const VIRTUAL_FAULTS = HARSHEST.rules.filter(({ at }) => at !== 'call').map(({ at, fault }) => `${at} ${fault}`);

/**
 * Runs requests with 100 events each under the harshest profile of faults: 1,000 requests in virtual time, and 100 in real processes.
 *
 * @param only `rung1` or `rung2`, to measure only one of them and to keep the figures of the other
 * @throws Error if there were no faults, or if a fault of the profile did not occur in virtual time, because the figures would then mean little
 */
export const reliability: Benchmark = async (report, only = []) => {
  const unknown = only.find((rung) => rung !== 'rung1' && rung !== 'rung2');
  if (unknown !== undefined) throw new Error(`the rungs are rung1 and rung2, got: ${unknown}`);
  const measures = (rung: string) => only.length === 0 || only.includes(rung);
  const virtual = measures('rung1') ? { ...(await measureVirtual(report)), rung: 1, seed: SEED } : undefined;
  const real = measures('rung2') ? prefixed(await measureReal(report)) : undefined;
  const figures = { ...(virtual ?? knownFigures(false)), ...(real ?? knownFigures(true)) };
  return { versions: versionsOf('@aws-sdk/util-dynamodb', 'node', 'ws', 'dynalite'), figures };
};

/** Prefix of the figures of real processes. */
const REAL_PREFIX = 'rung2_';

/** Returns the committed figures of one rung. */
function knownFigures(ofRealProcesses: boolean): Record<string, number> {
  const known = Object.entries(readResult('reliability')?.figures ?? {});
  return Object.fromEntries(known.filter(([figure]) => figure.startsWith(REAL_PREFIX) === ofRealProcesses));
}

const prefixed = (figures: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(figures).map(([figure, value]) => [`${REAL_PREFIX}${figure}`, value]));

async function measureVirtual(report: (line: string) => void): Promise<Record<string, number>> {
  report('1,000 requests without faults, in virtual time …');
  const undisturbed = await new Reliability(VIRTUAL, CALM).run();
  report('the same requests under the harshest profile …');
  const outcome = await new Reliability(VIRTUAL, HARSHEST).run();
  checkFaults(outcome, VIRTUAL_FAULTS);
  return figuresOf(outcome, undisturbed);
}

const measureReal = (report: (line: string) => void): Promise<Record<string, number>> =>
  withScratch(async (folder) => {
    await synthesize('reliability', folder);
    report('100 requests without faults, in real processes …');
    const undisturbed = await new RealReliability(folder, REAL, CALM).run();
    report('the same requests under the harshest profile …');
    const outcome = await new RealReliability(folder, REAL, HARSHEST).run();
    checkFaults(outcome, []);
    return figuresOf(outcome, undisturbed);
  });

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
