import pc from 'picocolors';
import { oneLine } from '../../emulator/text/printable';
import { type RequestReport, timeOf } from '../../operations';
import { age } from './time';

type Request = RequestReport['request'];

/** Lines of a table with aligned columns. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows].map((row) => row.map((cell) => oneLine(cell)));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [pc.bold(lines[0] ?? ''), ...lines.slice(1)];
}

const HEAD = ['STATUS', 'ACTION', 'AGE', 'TOOK', 'ATTEMPT', 'KEY', 'DETAILS'];

/** Table of requests, for people. */
export const requestTable = (requests: readonly Request[], now: number): string[] =>
  table(
    HEAD,
    requests.map((request) => row(request, now)),
  );

function row(request: Request, now: number): string[] {
  const { status, action, requestKey, attempt, maxAttempts, run, createdAt, endedAt } = request;
  const attempts = `${attempt}/${maxAttempts}${run > 1 ? ` run ${run}` : ''}`;
  const took = endedAt === undefined ? '' : age(endedAt - createdAt);
  return [status, action, age(now - timeOf(request)), took, attempts, requestKey, detailsOf(request, now)];
}

/** Describes a request: its error if it ended without a result, the reason why it waits, a cancellation, or its slice. */
function detailsOf(request: Request, now: number): string {
  const { status, notBefore = 0, cancelRequested, continued } = request;
  const error = errorOf(request);
  if (error) return `${error.code}: ${error.message}`;
  if (status === 'WAITING') return 'waits for a slot';
  if (status === 'PENDING' && notBefore > now) return `starts in ${age(notBefore - now)}`;
  if (status === 'RUNNING' && cancelRequested) return 'is being cancelled';
  return status === 'RUNNING' && continued ? `slice ${continued + 1}` : '';
}

export function errorOf({ outcome }: Request): { code: string; message: string } | undefined {
  return outcome?.kind === 'error' ? JSON.parse(outcome.error) : undefined;
}

/** Returns lines with all details of one request, for people. */
export function reportLines(
  { request, input, result, error, progress, entries }: RequestReport,
  now: number,
): string[] {
  const facts = Object.entries({
    key: request.requestKey,
    action: request.action,
    status: request.status,
    ...(request.priority !== undefined && { priority: request.priority }),
    accepted: `${new Date(request.createdAt).toISOString()} (${age(now - request.createdAt)} ago)`,
    ...(request.endedAt !== undefined && { ended: new Date(request.endedAt).toISOString() }),
    attempts: `${request.attempt} of ${request.maxAttempts}, run ${request.run}`,
    ...(progress && { progress: `${progress.percentage ?? 0} % ${progress.message ?? ''}` }),
    ...(input !== undefined && { input: JSON.stringify(input) }),
    ...(result !== undefined && { result: JSON.stringify(result) }),
    ...(error && { error: `${error.code}: ${error.message}` }),
    log: `${entries.length} entries`,
  });
  const lines = facts.map(([name, value]) => `${pc.bold(name.padEnd(9))} ${oneLine(value)}`);
  return request.attempts ? [...lines, '', ...historyTable(request.attempts)] : lines;
}

function historyTable(attempts: NonNullable<Request['attempts']>): string[] {
  return table(
    ['RUN', 'ATTEMPT', 'STARTED', 'TOOK', 'END', 'CAUSE'],
    attempts.map(({ run, attempt, startedAt, endedAt, error, cause }) => [
      String(run),
      String(attempt),
      new Date(startedAt).toISOString(),
      `${Math.max(0, endedAt - startedAt)} ms`,
      error ? error.code : 'result',
      cause ?? '',
    ]),
  );
}
