import type { RequestItem } from '../../../lambda-src/core/request';
import { historyWith, MAX_CAUSE_CHARS, MAX_HISTORY } from '../../../lambda-src/core/request';

const request = (more: Partial<RequestItem>) => ({ run: 1, attempt: 1, startedAt: 5, ...more }) as RequestItem;

test('the history begins with the first attempt that ends', () => {
  expect(historyWith(request({}), { endedAt: 9 })).toEqual([{ run: 1, attempt: 1, startedAt: 5, endedAt: 9 }]);
});

test('the history keeps the latest attempts over all runs', () => {
  let attempts: RequestItem['attempts'];
  for (let attempt = 1; attempt <= 30; attempt++) {
    const run = Math.ceil(attempt / 3);
    attempts = historyWith(request({ run, attempt: ((attempt - 1) % 3) + 1, attempts }), { endedAt: attempt });
  }

  expect(attempts).toHaveLength(MAX_HISTORY);
  expect(attempts?.[0]).toMatchObject({ endedAt: 31 - MAX_HISTORY });
  expect(attempts?.at(-1)).toMatchObject({ run: 10, attempt: 3, endedAt: 30 });
});

test('the history keeps the beginning of a long message and of a long cause, and no other field of an error', () => {
  const long = 'x'.repeat(5_000);
  const error = { code: 'ODD', message: long, retryable: true, details: { secret: 1 } };
  const [entry] = historyWith(request({}), { endedAt: 9, error, cause: long });

  const cut = 'x'.repeat(MAX_CAUSE_CHARS);
  expect(entry).toEqual({ ...entry, error: { code: 'ODD', message: cut }, cause: cut });
});
