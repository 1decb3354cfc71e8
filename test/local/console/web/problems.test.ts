import type { LogLine, RequestView } from '../../../../local/console/types';
import { latestProblems } from '../../../../local/console/web/logic/problems';

const request = (id: string, change: Partial<RequestView>): RequestView => ({
  key: `acme#ann#${id}`,
  id,
  action: 'report',
  tenant: 'acme',
  user: 'ann',
  status: 'FAILED',
  createdAt: 0,
  attempt: 3,
  maxAttempts: 3,
  isDead: false,
  run: 1,
  ...change,
});

const line = (seq: number, change: Partial<LogLine> = {}): LogLine => ({
  seq,
  at: seq,
  source: 'Report',
  level: 'error',
  message: 'the handler failed',
  ...change,
});

test('a request that failed in three attempts is one problem', () => {
  const failed = request('r-1', { endedAt: 30 });
  const lines = [1, 2, 3].map((seq) => line(seq, { subject: 'r-1' }));

  expect(latestProblems([failed], lines)).toEqual([{ kind: 'request', at: 30, request: failed }]);
});

test('a request that will be retried is a problem, and a completed one is not', () => {
  const failure = { id: 'r-1', run: 1, attempt: 1, at: 7, title: 'Error: x' };
  const waiting = request('r-1', { status: 'PENDING', failure });

  expect(latestProblems([waiting, request('r-2', { status: 'COMPLETED' })], [])).toEqual([
    { kind: 'request', at: 7, request: waiting },
  ]);
});

test('equal lines that belong to no request are one problem with their count, the latest first', () => {
  const problems = latestProblems([], [line(1), line(2, { level: 'warn' }), line(3), line(4, { message: 'other' })]);

  expect(problems).toEqual([
    { kind: 'line', at: 4, line: line(4, { message: 'other' }), count: 1 },
    { kind: 'line', at: 3, line: line(3), count: 2 },
  ]);
});
