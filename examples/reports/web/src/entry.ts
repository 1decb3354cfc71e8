import type { ProgressReport, RequestSnapshot, RequestStatus } from 'cdk-streamer-client';
import type { ReportInput, ReportResult } from './actions';

/** An error in a form that can be stored and shown. */
export interface Problem {
  code: string;
  message: string;
  details?: unknown;
}

/** A finished page of the report. */
export interface Section {
  page: number;
  pages: number;
  title: string;
}

/** One request of the history with its input, its progress and its outcome. This is the JSON in the storage. */
export interface Entry {
  id: string;
  input: ReportInput;
  /** Epoch milliseconds. */
  startedAt: number;
  finishedAt?: number;
  status: RequestStatus;
  /** Offset for `attach`; without an epoch the server has not answered yet. */
  offset: number;
  epoch?: string;
  ref?: string;
  run: number;
  /** Number within the run. */
  attempt: number;
  /** Kept for `attach`, which ignores earlier attempts by it. */
  fence: number;
  /** From 0 to 100; within an attempt it never falls. */
  percentage: number;
  message?: string;
  sections: Section[];
  /** At most one of these two is set, and only once. */
  result?: ReportResult;
  error?: Problem;
}

export type Change =
  | { type: 'progress'; progress: ProgressReport }
  | { type: 'section'; section: Section }
  | { type: 'state'; snapshot: RequestSnapshot }
  | { type: 'reset' }
  | { type: 'done'; result: ReportResult; at: number }
  | { type: 'failed'; error: Problem; at: number };

export function newEntry(id: string, input: ReportInput, startedAt: number): Entry {
  const counters = { offset: 0, run: 0, attempt: 0, fence: 0, percentage: 0 };
  return { id, input, startedAt, status: 'PENDING', ...counters, sections: [] };
}

export function isFinished(entry: Entry): boolean {
  return entry.result !== undefined || entry.error !== undefined;
}

/** Returns the entry after a change of its request. A finished entry never changes. */
export function changed(entry: Entry, change: Change): Entry {
  if (isFinished(entry)) return entry;
  switch (change.type) {
    case 'progress':
      return withProgress(entry, change.progress);
    case 'section':
      return withSection(entry, change.section);
    case 'state':
      return withState(entry, change.snapshot);
    case 'reset':
      return { ...entry, sections: [], offset: 0, run: 0 };
    case 'done':
      return { ...entry, status: 'COMPLETED', percentage: 100, result: change.result, finishedAt: change.at };
    case 'failed':
      return { ...entry, status: endStatus(change.error), error: change.error, finishedAt: change.at };
  }
}

/**
 * Merges this tab's view of a request with the stored one. An end wins, first the stored one; otherwise the entry that has read further. If
 * the logs differ, or both have read equally far, `mine` wins.
 */
export function merged(mine: Entry, stored: Entry): Entry {
  if (isFinished(mine) || isFinished(stored)) return isFinished(stored) ? stored : mine;
  if (mine.epoch !== undefined && stored.epoch !== undefined && mine.epoch !== stored.epoch) return mine;
  return compare(mine, stored) >= 0 ? mine : stored;
}

function compare(a: Entry, b: Entry): number {
  return compareAttempts(a, b) || a.offset - b.offset || a.percentage - b.percentage;
}

type Attempt = Pick<Entry, 'run' | 'attempt'>;

/** Attempts are counted within a run: the first attempt of a new run follows the last one of the run before. */
function compareAttempts(a: Attempt, b: Attempt): number {
  return a.run - b.run || a.attempt - b.attempt;
}

function withProgress(entry: Entry, { run, attempt, percentage, message }: ProgressReport): Entry {
  const order = compareAttempts({ run, attempt }, entry);
  if (order < 0) return entry;
  const floor = order === 0 || entry.attempt === 0 ? entry.percentage : 0;
  const base = startedOver(entry, { run, attempt });
  return { ...base, percentage: Math.max(floor, percentage), message: message ?? entry.message };
}

/** Adds a page; a page that another attempt draws again replaces the earlier one. */
function withSection(entry: Entry, section: Section): Entry {
  const others = entry.sections.filter(({ page }) => page !== section.page);
  return { ...entry, sections: [...others, section].sort((a, b) => a.page - b.page) };
}

function withState(entry: Entry, snapshot: RequestSnapshot): Entry {
  const { status, offset, epoch = entry.epoch, ref = entry.ref, percentage } = snapshot;
  const latest = compareAttempts(snapshot, entry) < 0 ? entry : snapshot;
  const sameAttempt = compareAttempts(latest, entry) === 0 || entry.attempt === 0;
  const base = startedOver(entry, latest);
  return {
    ...base,
    ...{ status, offset, epoch, ref, fence: latest.fence },
    percentage: sameAttempt ? Math.max(entry.percentage, percentage) : percentage,
  };
}

/** The entry at the begin of a later attempt: no pages, and the last message until there is another. */
function startedOver(entry: Entry, { run, attempt }: Attempt): Entry {
  const isLater = compareAttempts({ run, attempt }, entry) > 0 && entry.attempt > 0;
  return { ...entry, run, attempt, ...(isLater && { sections: [] }) };
}

function endStatus(error: Problem): RequestStatus {
  return error.code === 'CANCELLED' ? 'CANCELLED' : 'FAILED';
}
