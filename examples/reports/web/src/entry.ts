import type { ProgressReport, RequestSnapshot, RequestStatus } from 'cdk-streamer-client';
import type { ListedReport, ReportInput, ReportResult } from './actions';

/** An error in a form that can be stored and shown. */
export interface Problem {
  code: string;
  message: string;
  details?: unknown;
}

/** A page of the report that has been drawn. */
export interface Section {
  page: number;
  pages: number;
  title: string;
}

/** A question of a report that waits for the answer from its user. */
export interface Approval {
  flights: number;
  groups: number;
  /** Time in milliseconds since the epoch at which the report ends if nobody has answered. */
  until: number;
}

/** One request of the history with its input, progress and outcome. The storage contains it as JSON. */
export interface Entry {
  id: string;
  input: ReportInput;
  /** Time in milliseconds since the epoch. */
  startedAt: number;
  /** Unknown if another device was watching. */
  finishedAt?: number;
  status: RequestStatus;
  /** Offset for `attach`. If there is no epoch, the server has not answered yet. */
  offset: number;
  epoch?: string;
  ref?: string;
  run: number;
  /** Number of the attempt within the run. */
  attempt: number;
  /** Fence for `attach`. With it, the client ignores frames of earlier attempts. */
  fence: number;
  /** Percentage from 0 to 100. Within an attempt it never decreases. */
  percentage: number;
  message?: string;
  sections: Section[];
  /** Present while the report waits for an approval. */
  approval?: Approval;
  /** Result of the request. At most one of `result` and `error` is set, and only once. */
  result?: ReportResult;
  error?: Problem;
}

export type Change =
  | { type: 'progress'; progress: ProgressReport }
  | { type: 'section'; section: Section }
  | { type: 'asked'; approval: Approval }
  | { type: 'answered' }
  | { type: 'state'; snapshot: RequestSnapshot }
  | { type: 'reset' }
  | { type: 'done'; result: ReportResult; at?: number }
  | { type: 'failed'; error: Problem; at: number };

export function newEntry(id: string, input: ReportInput, startedAt: number): Entry {
  const counters = { offset: 0, run: 0, attempt: 0, fence: 0, percentage: 0 };
  return { id, input, startedAt, status: 'PENDING', ...counters, sections: [] };
}

/** The entry of a request that another device began. `undefined` if the server no longer has its input. */
export function listedEntry({
  id,
  input,
  createdAt,
  status,
  epoch,
  ref,
  run,
  ...row
}: ListedReport): Entry | undefined {
  if (!input) return undefined;
  const { progress: { percentage = 0, message } = {}, error } = row;
  return {
    ...newEntry(id, input, createdAt),
    ...{ status, epoch, ref, run, percentage },
    ...(message !== undefined && { message }),
    ...(error && { error: { code: error.code, message: error.message, details: error.details } }),
  };
}

/** Whether the request has ended, although this browser may not have read its result yet. */
export const hasEnded = ({ status }: Entry): boolean => ENDS.includes(status);

const ENDS: readonly RequestStatus[] = ['COMPLETED', 'FAILED', 'CANCELLED'];

/** Whether the report waits for an answer from its user. */
export const asks = (entry: Entry): boolean => entry.approval !== undefined && !hasEnded(entry) && !isFinished(entry);

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
    case 'asked':
      return { ...entry, approval: change.approval };
    case 'answered':
      return { ...entry, approval: undefined };
    case 'state':
      return withState(entry, change.snapshot);
    case 'reset':
      return { ...entry, sections: [], approval: undefined, offset: 0, run: 0 };
    case 'done':
      return ended(entry, { status: 'COMPLETED', percentage: 100, result: change.result, finishedAt: change.at });
    case 'failed':
      return ended(entry, { status: endStatus(change.error), error: change.error, finishedAt: change.at });
  }
}

function ended(entry: Entry, end: Partial<Entry>): Entry {
  return { ...entry, ...end, approval: undefined };
}

/**
 * Merges an entry of this tab with the stored one. A finished entry is preferred, first the stored one. Otherwise the
 * entry with the greater offset is preferred. If the logs differ or the offsets are equal, `mine` is preferred.
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

/** Compares two attempts. Each run counts its attempts from 1, so the runs are compared first. */
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

/** Adds a page. If another attempt has drawn the same page, the new one replaces it. */
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

/**
 * Returns the entry at the start of a later attempt. It has no pages and no question, and keeps the last message until there is a new
 * one.
 */
function startedOver(entry: Entry, { run, attempt }: Attempt): Entry {
  const isLater = compareAttempts({ run, attempt }, entry) > 0 && entry.attempt > 0;
  return { ...entry, run, attempt, ...(isLater && { sections: [], approval: undefined }) };
}

function endStatus(error: Problem): RequestStatus {
  return error.code === 'CANCELLED' ? 'CANCELLED' : 'FAILED';
}
