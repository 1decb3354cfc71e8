import type { RequestDetail, RequestStatus, Transition } from '../../types';

export type PhaseKind = 'waiting' | 'line' | 'running' | 'backoff';

/**
 * A period in the history of a request: a wait for a function, a wait in the line of a cap, an attempt, or a delay
 * before the next attempt.
 */
export interface Phase {
  readonly kind: PhaseKind;
  readonly from: number;
  /** End of the phase; the current time if the phase has not ended. */
  readonly to: number;
  readonly open: boolean;
  readonly run: number;
  readonly attempt: number;
  /** Outcome of the attempt; absent while it runs, and for phases that are not an attempt. */
  readonly outcome?: AttemptOutcome;
  /** Whether the previous phase was a wait in the line of a cap. */
  readonly isTurn?: boolean;
}

export type AttemptOutcome = 'completed' | 'failed' | 'cancelled' | 'retried';

/** One event in the history of a request. */
export interface Moment {
  readonly kind: 'accepted' | 'attempt' | 'event' | 'retry' | 'end';
  /** Time of the event; absent if the console did not observe the event. */
  readonly at?: number;
  readonly title: string;
  readonly run?: number;
  readonly attempt?: number;
  /** Offset of an event in the log. */
  readonly offset?: number;
  readonly durationMs?: number;
  readonly outcome?: AttemptOutcome;
  /** Data of the event as a JSON string. */
  readonly data?: string;
}

const OUTCOMES = new Map<RequestStatus, AttemptOutcome>([
  ['COMPLETED', 'completed'],
  ['FAILED', 'failed'],
  ['CANCELLED', 'cancelled'],
  ['PENDING', 'retried'],
  ['WAITING', 'retried'],
  ['RUNNING', 'retried'],
]);

export const isEnd = (status: RequestStatus): boolean => ['COMPLETED', 'FAILED', 'CANCELLED'].includes(status);

/** Returns the phases of a request without gaps: from the time when it was accepted to its end, or to now. */
export function phases(transitions: readonly Transition[], now: number): Phase[] {
  return transitions.flatMap((transition, i) => {
    if (isEnd(transition.status)) return [];
    const next = transitions[i + 1];
    const { at: from, run, attempt, status } = transition;
    const isTurn = status === 'PENDING' && transitions[i - 1]?.status === 'WAITING';
    const kind = kindOf(transition, isTurn);
    const outcome = kind === 'running' && next ? OUTCOMES.get(next.status) : undefined;
    return [{ kind, from, to: Math.max(from, next?.at ?? now), open: !next, run, attempt, outcome, isTurn }];
  });
}

function kindOf({ status, attempt }: Transition, isTurn: boolean): PhaseKind {
  if (status === 'RUNNING') return 'running';
  if (status === 'WAITING') return 'line';
  return attempt === 0 || isTurn ? 'waiting' : 'backoff';
}

/** Category of a phase: the kind of a wait, or the outcome of an attempt. */
export type Share = 'waiting' | 'line' | 'failed' | 'completed' | 'running' | 'backoff';

export function shareOf({ kind, outcome }: Phase): Share {
  if (kind !== 'running') return kind;
  if (outcome === undefined) return 'running';
  return outcome === 'completed' ? 'completed' : 'failed';
}

/**
 * Adds up the durations of the phases by category, in milliseconds. The categories are in the order of their first
 * phases.
 */
export function shares(all: readonly Phase[]): Map<Share, number> {
  const sums = new Map<Share, number>();
  for (const phase of all) {
    const share = shareOf(phase);
    sums.set(share, (sums.get(share) ?? 0) + phase.to - phase.from);
  }
  return sums;
}

/**
 * Returns the history of a request in order: its start, its attempts with their events, the delays between them, and
 * its end.
 */
export function moments(detail: Pick<RequestDetail, 'transitions' | 'entries' | 'request'>, now: number): Moment[] {
  const { transitions, entries, request } = detail;
  const events = entries.filter(({ name }) => name !== '$attempt' && name !== 'end');
  const known = new Set(transitions.filter(({ status }) => status === 'RUNNING').map(attemptKey));
  const listed: Moment[] = [];
  if (transitions[0]?.status !== 'PENDING') listed.push({ kind: 'accepted', at: request.createdAt, title: 'Accepted' });
  for (const phase of phases(transitions, now)) {
    listed.push(momentOf(phase));
    if (phase.kind === 'running')
      listed.push(...events.filter((event) => attemptKey(event) === attemptKey(phase)).map(eventOf));
  }
  listed.push(...events.filter((event) => !known.has(attemptKey(event))).map(eventOf));
  const last = transitions.at(-1);
  if (last && isEnd(last.status)) listed.push(endOf(last, request));
  // the history of the last run is not known
  else if (!last && isEnd(request.status)) listed.push(endOf({ status: request.status }, request));
  return listed;
}

/** Returns a key for an attempt of a request. It includes the run, because each run counts its attempts from 1. */
export const attemptKey = ({ run, attempt }: { readonly run?: number; readonly attempt?: number }): string =>
  `${run}/${attempt}`;

function momentOf({ kind, from, to, open, run, attempt, outcome, isTurn }: Phase): Moment {
  const durationMs = open ? undefined : to - from;
  if (kind === 'line')
    return { kind: 'retry', at: from, title: 'Waits for others to end: a cap is reached', durationMs };
  if (isTurn) return { kind: 'retry', at: from, title: 'Its turn', durationMs };
  if (kind === 'waiting') {
    return { kind: 'accepted', at: from, title: run > 1 ? `Started again: run ${run}` : 'Accepted', durationMs };
  }
  if (kind === 'backoff')
    return { kind: 'retry', at: from, title: 'Waits before the next attempt', run, attempt, durationMs };
  const title = run > 1 ? `Attempt ${attempt} of run ${run}` : `Attempt ${attempt}`;
  return { kind: 'attempt', at: from, title, run, attempt, durationMs, outcome };
}

function eventOf({ name, data, sentAt, run, attempt, offset }: RequestDetail['entries'][number]): Moment {
  return {
    kind: 'event',
    at: sentAt,
    title: name,
    run,
    attempt,
    offset,
    data: data === undefined ? undefined : JSON.stringify(data),
  };
}

const END_TITLES = new Map<RequestStatus, string>([
  ['COMPLETED', 'Completed'],
  ['FAILED', 'Failed'],
  ['CANCELLED', 'Cancelled'],
]);

function endOf(
  { at, status }: Pick<Transition, 'status'> & Partial<Transition>,
  { error }: RequestDetail['request'],
): Moment {
  const title = END_TITLES.get(status) ?? status;
  return { kind: 'end', at, title: error ? `${title}: ${error.code}` : title, outcome: OUTCOMES.get(status) };
}
