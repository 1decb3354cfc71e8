import type { LogLine, RequestView } from '../../types';

/** A problem: a failed request with all its attempts, or an error in a log line. */
export type Problem =
  | { readonly kind: 'request'; readonly at: number; readonly request: RequestView }
  | { readonly kind: 'line'; readonly at: number; readonly line: LogLine; readonly count: number };

/**
 * Returns the problems, latest first. Log lines of a request that has failed or will be retried are part of the
 * request's problem.
 */
export function latestProblems(requests: readonly RequestView[], logs: readonly LogLine[]): Problem[] {
  const failing = requests.filter(({ status, failure }) => status === 'FAILED' || failure !== undefined);
  const known = new Set(failing.map(({ id }) => id));
  const ofRequests = failing.map(
    (request): Problem => ({
      kind: 'request',
      at: request.endedAt ?? request.failure?.at ?? request.createdAt,
      request,
    }),
  );
  const others = logs.filter(({ level, subject }) => level === 'error' && !known.has(subject ?? ''));
  return [...ofRequests, ...grouped(others)].sort((a, b) => b.at - a.at);
}

/** Merges equal lines of a source into one problem with the latest line. */
function grouped(lines: readonly LogLine[]): Problem[] {
  const groups = new Map<string, { line: LogLine; count: number }>();
  for (const line of lines) {
    const key = `${line.source} ${line.message}`;
    groups.set(key, { line, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return [...groups.values()].map(({ line, count }) => ({ kind: 'line', at: line.at, line, count }));
}
