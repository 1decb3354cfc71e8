import { afterAttempt, retryAfterSeconds } from '../../../lambda-src/core/backoff';

const policy = { maxAttempts: 8, initialMs: 5_000, maxMs: 39_600_000 };

test.each([200, 202, 204, 299])('a status of %i accepts the message, also in the last attempt', (status) => {
  expect(afterAttempt(policy, 8, { status }, 0.5)).toEqual({ kind: 'delivered' });
});

test('410 gives up at once', () => {
  expect(afterAttempt(policy, 1, { status: 410 }, 0.5)).toEqual({ kind: 'give-up', why: 'gone' });
});

test.each([
  undefined,
  100,
  199,
  300,
  301,
  400,
  401,
  404,
  429,
  500,
  503,
])('after a status of %p, the message is sent again', (status) => {
  expect(afterAttempt(policy, 1, { status }, 0.5)).toEqual({ kind: 'again', afterSeconds: 5 });
});

test('the policy determines the last attempt', () => {
  expect(afterAttempt(policy, 7, { status: 500 }, 0.5).kind).toBe('again');
  expect(afterAttempt(policy, 8, { status: 500 }, 0.5)).toEqual({ kind: 'give-up', why: 'exhausted' });
  expect(afterAttempt({ ...policy, maxAttempts: 1 }, 1, {}, 0.5)).toEqual({ kind: 'give-up', why: 'exhausted' });
});

const wait = (attempt: number, random = 0.5, more: object = {}) => {
  const verdict = afterAttempt({ ...policy, maxAttempts: 99 }, attempt, { status: 500, ...more }, random);
  return verdict.kind === 'again' ? verdict.afterSeconds : verdict;
};

test('waits grow sixfold up to the longest: eight attempts take about a day', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7].map((attempt) => wait(attempt));
  expect(waits).toEqual([5, 30, 180, 1080, 6480, 38_880, 39_600]);
  expect(wait(40)).toBe(39_600);
});

test('the random part changes a wait by up to a fifth, never below a second', () => {
  expect(wait(3, 0)).toBe(144);
  expect(wait(3, 0.999_999)).toBe(216);
  expect(afterAttempt({ ...policy, initialMs: 1 }, 1, {}, 0)).toEqual({ kind: 'again', afterSeconds: 1 });
});

test('the delay that the receiver requests lengthens a wait, up to the time for which a queue can hide a message', () => {
  expect(wait(1, 0.5, { retryAfterSeconds: 90 })).toBe(90);
  expect(wait(3, 0.5, { retryAfterSeconds: 90 })).toBe(180);
  expect(wait(1, 0.5, { retryAfterSeconds: 1e9 })).toBe(42_900);
  expect(wait(98, 0.999)).toBe(42_900);
});

test.each<[string | undefined, number | undefined]>([
  ['120', 120],
  ['0', undefined],
  ['Wed, 21 Oct 2026 07:28:30 GMT', 30],
  ['Wed, 21 Oct 2026 07:27:00 GMT', undefined],
  ['soon', undefined],
  [undefined, undefined],
])('a Retry-After of %p is %p seconds', (header, seconds) => {
  expect(retryAfterSeconds(header, Date.parse('2026-10-21T07:28:00Z'))).toBe(seconds);
});
