import type { LogLine, RequestView } from '../../../../local/console/types';
import { countGroups, filterLogs, filterRequests, NO_FILTER } from '../../../../local/console/web/logic/filters';
import { formatLabel } from '../../../../local/run/log/request-label';

const request = (id: string, change: Partial<RequestView> = {}): RequestView => ({
  key: id,
  id,
  action: 'report',
  tenant: 'acme',
  user: 'ann',
  status: 'COMPLETED',
  createdAt: Number(id.replace(/\D/g, '')),
  attempt: 1,
  maxAttempts: 3,
  isDead: false,
  run: 1,
  ...change,
});

const ALL = [
  request('r1'),
  request('r2', { status: 'RUNNING', progress: { percentage: 3, message: 'Reading flights' } }),
  request('r3', { status: 'PENDING', tenant: 'globex' }),
  request('r4', { status: 'FAILED', isDead: true, error: { code: 'NO_DATA', message: 'There is none for May.' } }),
  request('r5', { status: 'CANCELLED', action: 'bake' }),
];

const ids = (filter: Partial<typeof NO_FILTER>) => filterRequests(ALL, { ...NO_FILTER, ...filter }).map(({ id }) => id);

test('requests are listed newest first, and filtered by status, action and tenant', () => {
  expect(ids({})).toEqual(['r5', 'r4', 'r3', 'r2', 'r1']);
  expect(ids({ status: 'active' })).toEqual(['r3', 'r2']);
  expect(ids({ status: 'cancelled' })).toEqual(['r5']);
  expect(ids({ status: 'dead' })).toEqual(['r4']);
  expect(ids({ action: 'bake' })).toEqual(['r5']);
  expect(ids({ tenant: 'globex', status: 'active' })).toEqual(['r3']);
});

test('a filter finds every word in any field, in upper and lower case', () => {
  expect(ids({ text: 'R4' })).toEqual(['r4']);
  expect(ids({ text: 'no_data' })).toEqual(['r4']);
  expect(ids({ text: 'flights ann' })).toEqual(['r2']);
  expect(ids({ text: 'flights bob' })).toEqual([]);
  expect(ids({ text: '  ' })).toHaveLength(5);
});

test('a filter finds requests by thrown errors, by the keys that the run has found, and by time', () => {
  const failure = { id: 'r6', run: 1, attempt: 1, at: 9, title: 'TypeError: rows', place: 'run (a.ts:1:2)' };
  const all = [...ALL, request('r6', { status: 'FAILED', endedAt: 60, failure })];
  const found = (filter: Partial<typeof NO_FILTER>) =>
    filterRequests(all, { ...NO_FILTER, ...filter }).map(({ id }) => id);

  expect(found({ text: 'typeerror a.ts' })).toEqual(['r6']);
  expect(found({ text: 'only in the input', found: new Set(['r3']) })).toEqual(['r3']);
  expect(found({ text: 'only in the input', found: new Set(['r3']), status: 'failed' })).toEqual([]);
  // r2 and r3 are still active
  expect(found({ since: 50 })).toEqual(['r6', 'r3', 'r2']);
  expect(found({ since: 5 })).toEqual(['r6', 'r5', 'r3', 'r2']);
});

test('groups are counted among the requests that meet the other conditions', () => {
  expect(countGroups(ALL, { ...NO_FILTER, status: 'failed' })).toEqual({
    all: 5,
    active: 2,
    completed: 1,
    failed: 1,
    dead: 1,
    cancelled: 1,
  });
  expect(countGroups(ALL, { ...NO_FILTER, tenant: 'globex' }).all).toBe(1);
});

test('lines are filtered by source, minimum level and text, including stack traces', () => {
  const line = (seq: number, change: Partial<LogLine>): LogLine => ({
    seq,
    at: seq,
    source: 'Router',
    level: 'info',
    message: 'ok in 3 ms',
    ...change,
  });
  const lines = [
    line(1, {}),
    line(2, { source: 'steps', message: '[r-1] begins' }),
    line(3, { source: 'steps', level: 'error', message: '[r-1] failed', below: ['at handlers/steps.ts:12'] }),
    line(4, { level: 'warn', message: 'a token was refused' }),
  ];
  const seqs = (filter: Partial<Parameters<typeof filterLogs>[1]>) =>
    filterLogs(lines, { source: '', level: 'all', text: '', ...filter }).map(({ seq }) => seq);
  expect(seqs({ text: 'r-1' })).toEqual([2, 3]);
  expect(seqs({ level: 'warn' })).toEqual([3, 4]);
  expect(seqs({ level: 'error' })).toEqual([3]);
  expect(seqs({ source: 'steps' })).toEqual([2, 3]);
  expect(seqs({ text: 'steps.ts:12' })).toEqual([3]);
});

test('a random id finds the lines that contain its beginning', () => {
  const id = '6f1c22aa-51f0-4f7e-9d2b-7a1c0e6f2b11';
  const line = { seq: 1, at: 1, source: 'steps', level: 'info' as const, message: `[${formatLabel({ id })}] begins` };
  expect(line.message).not.toContain(id);
  expect(filterLogs([line], { source: '', level: 'all', text: id })).toEqual([line]);
  expect(filterLogs([line], { source: '', level: 'all', text: `7${id}` })).toEqual([]);
});
