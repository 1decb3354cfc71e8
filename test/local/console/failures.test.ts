import { Failures } from '../../../local/console/failures';
import type { LogEvent } from '../../../local/emulator/types';

const line = (change: Partial<LogEvent> = {}): LogEvent => ({
  source: 'F',
  level: 'error',
  message: 'the handler failed',
  subject: { id: 'r-1', action: 'report', attempt: 1 },
  thrown: { title: 'TypeError: no', place: 'run (handlers/report.ts:3:5)' },
  ...change,
});

test('the error of each attempt of a request is kept, from the last line of the attempt', () => {
  const failures = new Failures();
  failures.add(line(), 10);
  failures.add(line({ thrown: { title: 'Error: second line' } }), 20);
  failures.add(line({ subject: { id: 'r-1', action: 'report', attempt: 2 } }), 30);
  failures.add(line({ subject: { id: 'r-1', action: 'report', run: 2, attempt: 1 } }), 40);
  const last = { id: 'r-1', action: 'report', title: 'TypeError: no', place: 'run (handlers/report.ts:3:5)' };

  expect(failures.of('r-1', 'report')).toEqual([
    { id: 'r-1', action: 'report', run: 1, attempt: 1, at: 20, title: 'Error: second line', place: undefined },
    { ...last, run: 1, attempt: 2, at: 30 },
    { ...last, run: 2, attempt: 1, at: 40 },
  ]);
});

test.each<[string, Partial<LogEvent>]>([
  ['that names no request', { subject: undefined }],
  ['without an error', { thrown: undefined }],
  ['that is a warning', { level: 'warn' }],
])('a line %s is not a failure of a request', (_what, change) => {
  const failures = new Failures();

  expect(failures.add(line(change), 1)).toBeUndefined();
  expect(failures.of('r-1')).toEqual([]);
});

test('requests of other actions with the same id are distinguished if the line names the action', () => {
  const failures = new Failures();
  failures.add(line({ subject: { id: 'r-1', action: 'bake' } }), 1);
  failures.add(line({ subject: { id: 'r-1' } }), 2);

  expect(failures.of('r-1', 'bake').map(({ at }) => at)).toEqual([1, 2]);
  expect(failures.of('r-1', 'report').map(({ at }) => at)).toEqual([2]);
});

test('the failures of the thousand requests that failed last are kept', () => {
  const failures = new Failures();
  for (let i = 0; i < 1100; i++) failures.add(line({ subject: { id: `r-${i}` } }), i);

  expect(failures.of('r-99')).toEqual([]);
  expect(failures.of('r-100')).toHaveLength(1);
});
