import type { DeadLetterCount, RedriveView } from '../../../../local/console/types';
import {
  choiceOf,
  choiceProblem,
  countText,
  filterOf,
  otherProblemsText,
  othersText,
  type RedriveChoice,
  resultText,
  stateText,
} from '../../../../local/console/web/logic/redrive';

const ALL: RedriveChoice = { action: '', tenant: '', after: '', before: '' };
const HOUR = 3_600_000;

test('the dialog begins with the filter of the list', () => {
  expect(choiceOf({ status: 'dead', action: 'report', tenant: 'acme', since: '1h', q: 'x' })).toEqual({
    ...ALL,
    action: 'report',
    tenant: 'acme',
    after: '1h',
  });
  expect(choiceOf({ since: 'always' })).toEqual(ALL);
});

test('a choice becomes a filter with the conditions that are given, and times before the given moment', () => {
  expect(filterOf(ALL, 10 * HOUR)).toEqual({});
  expect(filterOf({ action: 'report', tenant: 'acme', after: '1h', before: '5m' }, 10 * HOUR)).toEqual({
    action: 'report',
    tenant: 'acme',
    from: 9 * HOUR,
    to: 10 * HOUR - 300_000,
  });
});

test.each([
  ['', '', true],
  ['1h', '', true],
  ['', '24h', true],
  ['1h', '5m', true],
  ['5m', '1h', false],
  ['5m', '5m', false],
])('ended after %j and before %j is a valid period: %j', (after, before, valid) => {
  expect(choiceProblem({ ...ALL, after, before }) === undefined).toBe(valid);
});

test('a count is written with the number of the requests that are not named', () => {
  const counted = (count: number, named: number): DeadLetterCount => ({
    count,
    requests: Array.from({ length: named }, (_, n) => ({
      key: `${n}`,
      id: `${n}`,
      action: 'report',
      tenant: 'acme',
      user: 'ann',
    })),
    filter: { to: 1 },
  });
  expect([0, 1, 12].map((count) => countText(counted(count, 0)))).toEqual([
    'No dead letter matches.',
    '1 dead letter matches.',
    '12 dead letters match.',
  ]);
  expect([counted(2, 2), counted(11, 10), counted(12, 10)].map(othersText)).toEqual([
    '',
    'and 1 other',
    'and 2 others',
  ]);
});

test('the state and the result of a redrive are written in words', () => {
  const running: RedriveView = {
    ...{ id: 'x', filter: {}, startedAt: 1, stopped: false },
    ...{ redriven: 3, skipped: 1, failed: 1, problems: [] },
  };
  const ended = { ...running, endedAt: 2 };
  const views = [
    running,
    { ...running, stopped: true },
    ended,
    { ...ended, stopped: true },
    { ...ended, problem: 'no' },
  ];
  expect(views.map(stateText)).toEqual([
    'Redriving …',
    'Stopping …',
    'The redrive has ended',
    'The redrive was stopped',
    'The redrive ended with an error',
  ]);
  expect(resultText(ended)).toBe('3 redriven, 1 skipped, 1 failed');
  expect(otherProblemsText(ended)).toBe('and 2 other requests');
  expect(otherProblemsText({ ...ended, skipped: 0, failed: 0 })).toBe('');
});
