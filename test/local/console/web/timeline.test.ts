import type { LogEntryView, RequestView, Transition } from '../../../../local/console/types';
import { moments, phases, shares } from '../../../../local/console/web/logic/timeline';

const RETRIED: Transition[] = [
  { at: 0, status: 'PENDING', attempt: 0, run: 1 },
  { at: 100, status: 'RUNNING', attempt: 1, run: 1 },
  { at: 300, status: 'PENDING', attempt: 1, run: 1, notBefore: 800 },
  { at: 900, status: 'RUNNING', attempt: 2, run: 1 },
  { at: 1000, status: 'COMPLETED', attempt: 2, run: 1 },
];

const REQUEST = { createdAt: 0, status: 'COMPLETED' } as RequestView;

const entry = (offset: number, attempt: number, name: string, sentAt?: number): LogEntryView => ({
  offset,
  run: 1,
  attempt,
  name,
  sentAt,
  data: { step: offset },
});

test('a request waits, runs, waits for a retry, runs and ends, without a gap', () => {
  expect(phases(RETRIED, 5000).map(({ kind, from, to, outcome }) => [kind, from, to, outcome])).toEqual([
    ['waiting', 0, 100, undefined],
    ['running', 100, 300, 'retried'],
    ['backoff', 300, 900, undefined],
    ['running', 900, 1000, 'completed'],
  ]);
});

test('a bar that has not ended lasts until now', () => {
  const [, running] = phases(RETRIED.slice(0, 2), 250);
  expect(running).toMatchObject({ kind: 'running', from: 100, to: 250, open: true });
  expect(running.outcome).toBeUndefined();
  expect(phases(RETRIED.slice(0, 1), -5)[0].to).toBe(0);
});

test('the duration is divided by the outcomes of the phases', () => {
  expect([...shares(phases(RETRIED, 5000))]).toEqual([
    ['waiting', 100],
    ['failed', 200],
    ['backoff', 600],
    ['completed', 100],
  ]);
});

test('a request above a cap waits in the line, and has its turn', () => {
  const transitions: Transition[] = [
    { at: 0, status: 'PENDING', attempt: 0, run: 1 },
    { at: 50, status: 'WAITING', attempt: 0, run: 1 },
    { at: 700, status: 'PENDING', attempt: 0, run: 1 },
    { at: 800, status: 'RUNNING', attempt: 1, run: 1 },
    { at: 850, status: 'PENDING', attempt: 1, run: 1, notBefore: 900 },
    { at: 900, status: 'WAITING', attempt: 1, run: 1 },
    { at: 950, status: 'PENDING', attempt: 1, run: 1 },
  ];
  const listed = moments({ transitions, entries: [], request: { ...REQUEST, status: 'PENDING' } }, 1000);

  expect([...shares(phases(transitions, 1000))]).toEqual([
    ['waiting', 200],
    ['line', 700],
    ['failed', 50],
    ['backoff', 50],
  ]);
  expect(listed.map(({ title, at }) => [title, at])).toEqual([
    ['Accepted', 0],
    ['Waits for others to end: a cap is reached', 50],
    ['Its turn', 700],
    ['Attempt 1', 800],
    ['Waits before the next attempt', 850],
    ['Waits for others to end: a cap is reached', 900],
    ['Its turn', 950],
  ]);
});

test('events are listed below their attempt, and the end is last', () => {
  const entries = [
    entry(0, 1, '$attempt'),
    entry(1, 1, 'step', 150),
    entry(2, 2, '$attempt'),
    entry(3, 2, 'step', 950),
    entry(4, 2, 'end'),
  ];
  const listed = moments({ transitions: RETRIED, entries, request: REQUEST }, 5000);
  expect(listed.map(({ title, at }) => [title, at])).toEqual([
    ['Accepted', 0],
    ['Attempt 1', 100],
    ['step', 150],
    ['Waits before the next attempt', 300],
    ['Attempt 2', 900],
    ['step', 950],
    ['Completed', 1000],
  ]);
});

test('a failed request ends with its error', () => {
  const transitions = [...RETRIED.slice(0, 2), { at: 400, status: 'FAILED' as const, attempt: 1, run: 1 }];
  const request = { ...REQUEST, status: 'FAILED' as const, error: { code: 'NO_DATA', message: 'none' } };
  const listed = moments({ transitions, entries: [], request }, 5000);
  expect(listed.at(-1)).toMatchObject({ kind: 'end', title: 'Failed: NO_DATA', outcome: 'failed' });
  expect(listed.at(-2)).toMatchObject({ kind: 'attempt', outcome: 'failed', durationMs: 300 });
});

test('a request whose start was not observed has a start in the list, and all its events', () => {
  const listed = moments({ transitions: RETRIED.slice(3), entries: [entry(1, 1, 'step')], request: REQUEST }, 5000);
  expect(listed.map(({ title }) => title)).toEqual(['Accepted', 'Attempt 2', 'step', 'Completed']);
});

test('attempts of a second run have the same numbers, and their own events', () => {
  const transitions: Transition[] = [
    ...RETRIED.slice(0, 2),
    { at: 400, status: 'FAILED', attempt: 1, run: 1 },
    { at: 500, status: 'PENDING', attempt: 0, run: 2 },
    { at: 600, status: 'RUNNING', attempt: 1, run: 2 },
    { at: 700, status: 'COMPLETED', attempt: 1, run: 2 },
  ];
  const entries = [entry(1, 1, 'first', 150), { ...entry(4, 1, 'second', 650), run: 2 }];
  const listed = moments({ transitions, entries, request: REQUEST }, 5000);
  expect(listed.map(({ title }) => title)).toEqual([
    'Accepted',
    'Attempt 1',
    'first',
    'Started again: run 2',
    'Attempt 1 of run 2',
    'second',
    'Completed',
  ]);
});

test('a request without recorded changes has a start and an end at unknown times', () => {
  const listed = moments({ transitions: [], entries: [], request: REQUEST }, 5000);

  expect(listed.map(({ title, at }) => [title, at])).toEqual([
    ['Accepted', 0],
    ['Completed', undefined],
  ]);
});
