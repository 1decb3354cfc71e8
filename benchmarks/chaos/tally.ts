import type { Outcome, StoredLog } from './outcome';
import type { Viewer } from './viewer';

/** The findings of one experiment. All but the first three are violations of a guarantee. */
export interface Tally {
  /** Requests that were acknowledged. */
  readonly acknowledged: number;
  /** Events that the viewers received. */
  readonly events: number;
  /** Attempts that the requests needed. */
  readonly attempts: number;
  /** Acknowledged requests that are not stored, or have not ended. */
  readonly lost: number;
  /** Events of the stored logs that a viewer did not receive. */
  readonly gaps: number;
  /** Events that a viewer received twice or out of order. */
  readonly duplicates: number;
  /** Requests whose log does not have exactly one terminal entry, and viewers that did not get exactly one outcome. */
  readonly terminalNotOne: number;
  /** Viewers whose events and outcome differ from the stored log, and requests whose last attempt differs from that of the undisturbed run. */
  readonly logDiffers: number;
}

/** @param undisturbed the same requests without faults */
export function tallyOf({ viewers, logs }: Outcome, undisturbed: Outcome): Tally {
  const acknowledged = new Set(viewers.filter(({ isAcknowledged }) => isAcknowledged).map(({ id }) => id));
  const logOf = (id: string) => logs.get(id) as StoredLog;
  const isUndisturbed = (id: string) => lastAttempt(logOf(id)) === lastAttempt(undisturbed.logs.get(id));
  return {
    acknowledged: acknowledged.size,
    events: sum(viewers.map(({ events }) => events.length)),
    attempts: sum([...logs.values()].map(({ attempts }) => attempts)),
    lost: count(acknowledged, (id) => !logOf(id).hasEnded),
    gaps: sum(viewers.map((viewer) => missing(viewer, logOf(viewer.id)))),
    duplicates: sum(viewers.map(repeated)),
    terminalNotOne: count(logs.values(), ({ ends }) => ends !== 1) + count(viewers, ({ settled }) => settled !== 1),
    logDiffers:
      count(viewers, (viewer) => differs(viewer, logOf(viewer.id))) + count(logs.keys(), (id) => !isUndisturbed(id)),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const count = <T>(items: Iterable<T>, isCounted: (item: T) => boolean): number => [...items].filter(isCounted).length;

function missing({ events }: Viewer, log: StoredLog): number {
  const received = new Set(events.map(({ offset }) => offset));
  return count(log.events, ({ offset }) => !received.has(offset));
}

const repeated = ({ events }: Viewer): number => {
  let last = -1;
  return count(events, ({ offset }) => {
    const isRepeated = offset <= last;
    last = Math.max(last, offset);
    return isRepeated;
  });
};

const differs = ({ events, outcome }: Viewer, log: StoredLog): boolean =>
  JSON.stringify({ events, outcome }) !== JSON.stringify({ events: log.events, outcome: log.outcome });

/** The events of the last attempt without their offsets, and the outcome. */
function lastAttempt(log: StoredLog | undefined): string {
  const events = log?.events.filter(({ offset }) => offset >= log.lastAttempt) ?? [];
  return JSON.stringify({ events: events.map(({ name, data }) => ({ name, data })), outcome: log?.outcome });
}
