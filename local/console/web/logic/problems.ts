import type { LogLine, RequestView } from '../../types';

/** Something that failed: a request, once for all its attempts, or an error that a line reports. */
export type Problem =
  | { readonly kind: 'request'; readonly at: number; readonly request: RequestView }
  | { readonly kind: 'line'; readonly at: number; readonly line: LogLine; readonly count: number };

/** What failed, the latest first. The lines of a request that has failed, or will be tried again, are that request's. */
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

/** One problem for equal lines of a source: the latest of them. */
function grouped(lines: readonly LogLine[]): Problem[] {
  const groups = new Map<string, { line: LogLine; count: number }>();
  for (const line of lines) {
    const key = `${line.source} ${line.message}`;
    groups.set(key, { line, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return [...groups.values()].map(({ line, count }) => ({ kind: 'line', at: line.at, line, count }));
}
