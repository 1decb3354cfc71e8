import { containsWords } from '../../contains-words';
import type { LogLine, RequestStatus, RequestView } from '../../types';

export type StatusGroup = 'all' | 'active' | 'completed' | 'failed' | 'cancelled';

export interface RequestFilter {
  readonly status: StatusGroup;
  readonly action: string;
  readonly tenant: string;
  /** Query that is searched for in id, action, user, tenant, progress message and errors. */
  readonly text: string;
  /** Keys of the requests that contain the query in their input, result, events or log, as found by the run. */
  readonly found: ReadonlySet<string>;
  /** Epoch milliseconds: only requests that were created, or ended, since then; 0 for all. */
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

/** The requests that fit, newest first. */
export function filterRequests(requests: readonly RequestView[], filter: RequestFilter): RequestView[] {
  return requests
    .filter((request) => filter.status === 'all' || groupOf(request.status) === filter.status)
    .filter((request) => fitsExceptStatus(request, filter))
    .sort((a, b) => b.createdAt - a.createdAt);
}

/** Number of requests in each group, among those that meet all other conditions of the filter. */
export function countGroups(requests: readonly RequestView[], filter: RequestFilter): Record<StatusGroup, number> {
  const counts = { all: 0, active: 0, completed: 0, failed: 0, cancelled: 0 };
  for (const request of requests) {
    if (!fitsExceptStatus(request, filter)) continue;
    counts.all++;
    counts[groupOf(request.status)]++;
  }
  return counts;
}

/** Time of the request's last activity: its end, or now. */
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
  /** Found in the source or any part of the line; a request's id, for instance. */
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
