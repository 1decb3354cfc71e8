import type { LogLine, RequestStatus, RequestView } from '../../types';

export type StatusGroup = 'all' | 'active' | 'completed' | 'failed' | 'cancelled';

export interface RequestFilter {
  readonly status: StatusGroup;
  readonly action: string;
  readonly tenant: string;
  /** Found in id, action, user, tenant, progress message or error. */
  readonly text: string;
}

export const NO_FILTER: RequestFilter = { status: 'all', action: '', tenant: '', text: '' };

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

/** How many of the requests that fit otherwise are in each group. */
export function countGroups(requests: readonly RequestView[], filter: RequestFilter): Record<StatusGroup, number> {
  const counts = { all: 0, active: 0, completed: 0, failed: 0, cancelled: 0 };
  for (const request of requests) {
    if (!fitsExceptStatus(request, filter)) continue;
    counts.all++;
    counts[groupOf(request.status)]++;
  }
  return counts;
}

function fitsExceptStatus(request: RequestView, { action, tenant, text }: RequestFilter): boolean {
  if (action !== '' && request.action !== action) return false;
  if (tenant !== '' && request.tenant !== tenant) return false;
  const { id, user, progress, error } = request;
  return contains(text, id, request.action, user, request.tenant, progress?.message, error?.code, error?.message);
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
      contains(text, line.source, line.message, line.detail, ...(line.below ?? [])),
  );
}

/** Every word of the text is found in one of the fields, whatever the case. */
function contains(text: string, ...fields: readonly (string | undefined)[]): boolean {
  const all = fields
    .filter((field) => field !== undefined)
    .join('\n')
    .toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word) || all.includes(asInLines(word)));
}

/** Lines tell random ids by their beginning: who looks for a whole one finds those lines, too. */
function asInLines(word: string): string {
  return word.length > 16 ? `${word.slice(0, 8)}…` : word;
}
