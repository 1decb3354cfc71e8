import { containsWords } from '../../contains-words';
import type { LogLine, RequestStatus, RequestView } from '../../types';

/** Group to which the status of a request belongs. */
export type StatusGroup = 'active' | 'completed' | 'failed' | 'cancelled';

/** Groups that the list can show. The group `dead` contains only the failed requests that an operator should see. */
export type ListedGroup = StatusGroup | 'all' | 'dead';

export interface RequestFilter {
  readonly status: ListedGroup;
  readonly action: string;
  readonly tenant: string;
  /** Words that a request must contain in its id, action, user, tenant, progress message or errors. */
  readonly text: string;
  /**
   * Keys of the requests that contain the query in their input, result, events or log lines. The run searches for these
   * requests.
   */
  readonly found: ReadonlySet<string>;
  /**
   * Time in milliseconds since the epoch. Only requests that were created or ended after this time are shown; 0 shows
   * all.
   */
  readonly since: number;
}

export const NO_FILTER: RequestFilter = {
  status: 'all',
  action: '',
  tenant: '',
  text: '',
  found: new Set(),
  since: 0,
};

const GROUPS = new Map<RequestStatus, StatusGroup>([
  ['PENDING', 'active'],
  ['WAITING', 'active'],
  ['RUNNING', 'active'],
  ['COMPLETED', 'completed'],
  ['FAILED', 'failed'],
  ['CANCELLED', 'cancelled'],
]);

export const groupOf = (status: RequestStatus): StatusGroup => GROUPS.get(status) ?? 'active';

function isIn(group: ListedGroup, { status, isDead }: RequestView): boolean {
  if (group === 'dead') return isDead;
  return group === 'all' || groupOf(status) === group;
}

/** Returns the requests that meet the filter's conditions, newest first. */
export function filterRequests(requests: readonly RequestView[], filter: RequestFilter): RequestView[] {
  return requests
    .filter((request) => isIn(filter.status, request))
    .filter((request) => fitsExceptStatus(request, filter))
    .sort((a, b) => b.createdAt - a.createdAt);
}

/** Counts the requests in each group of statuses. The requests meet all other conditions of the filter. */
export function countGroups(requests: readonly RequestView[], filter: RequestFilter): Record<ListedGroup, number> {
  const counts = { all: 0, active: 0, completed: 0, failed: 0, dead: 0, cancelled: 0 };
  for (const request of requests) {
    if (!fitsExceptStatus(request, filter)) continue;
    counts.all++;
    counts[groupOf(request.status)]++;
    if (request.isDead) counts.dead++;
  }
  return counts;
}

/** Returns the time of the request's last activity: its end, or infinity if it is active. */
function lastAt({ status, createdAt, endedAt }: RequestView): number {
  return groupOf(status) === 'active' ? Number.POSITIVE_INFINITY : (endedAt ?? createdAt);
}

function fitsExceptStatus(request: RequestView, { action, tenant, text, found, since }: RequestFilter): boolean {
  if (action !== '' && request.action !== action) return false;
  if (tenant !== '' && request.tenant !== tenant) return false;
  if (lastAt(request) < since) return false;
  if (found.has(request.key)) return true;
  const { id, user, progress, error, failure } = request;
  const thrown = [failure?.title, failure?.place];
  const fields = [id, request.action, user, request.tenant, progress?.message, error?.code, error?.message, ...thrown];
  return containsWords(text, fields);
}

export interface LogFilter {
  readonly source: string;
  readonly level: 'all' | 'warn' | 'error';
  /** Words that must be in the source or in a part of the line, such as a request's id. */
  readonly text: string;
}

const LEVELS = { all: ['info', 'warn', 'error'], warn: ['warn', 'error'], error: ['error'] };

export function filterLogs(lines: readonly LogLine[], { source, level, text }: LogFilter): LogLine[] {
  return lines.filter(
    (line) =>
      (source === '' || line.source === source) &&
      LEVELS[level].includes(line.level) &&
      containsWords(text, [line.source, line.message, line.detail, line.subject, ...(line.below ?? [])]),
  );
}
