import { redact } from '../../../lambda-src/core/redact';

test.each([
  ['connect failed: postgres://app:hunter2hunter@db:5432/x', 'connect failed: postgres://app:[redacted]@db:5432/x'],
  ['password=hunter2', 'password=[redacted]'],
  ['{"apiKey":"sk-12345","rows":3}', '{"apiKey":"[redacted]","rows":3}'],
  ['Authorization: Bearer abc.def-ghi', 'Authorization: [redacted] [redacted]'],
  ['401 with eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc', '401 with [redacted]'],
  ['key AKIAIOSFODNN7EXAMPLE is not allowed', 'key [redacted] is not allowed'],
  ['https://x.example/a?X-Amz-Signature=0a1b2c&y=1', 'https://x.example/a?X-Amz-Signature=[redacted]&y=1'],
])('secrets are removed from %s', (text, expected) => {
  expect(redact(text)).toBe(expected);
});

test.each(['rows is not iterable', 'no token was found', 'ECONNREFUSED 10.0.0.1:5432', ''])('%p stays', (text) => {
  expect(redact(text)).toBe(text);
});

/** Returns the lesser processor time of two measurements, in microseconds. The load of the machine hardly changes it. */
function cpuOf(work: () => void): number {
  const measured = [1, 2].map(() => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  });
  return Math.max(1, Math.min(...measured));
}

test.each([
  // The pattern reads up to 4,096 characters after each `eyJ`: the time is linear only for strings that are longer.
  ['eyJ', 3_000],
  ['token=', 5_000],
  ['://a:', 5_000],
])('a string of many %s takes linear time', (part, count) => {
  const [short, long] = [count, 8 * count].map((each) => part.repeat(each));
  redact(short);
  // With a quadratic algorithm, the time would be 64 times as long.
  expect(cpuOf(() => redact(long)) / cpuOf(() => redact(short))).toBeLessThan(24);
});
