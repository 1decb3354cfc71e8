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

/** Returns the least processor time of three measurements, in microseconds. The load of the machine hardly changes it. */
function cpuOf(work: () => void): number {
  const measured = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  });
  return Math.max(1, Math.min(...measured));
}

test.each(['eyJ', 'token=', '://a:'])('a string of many %s takes linear time', (part) => {
  const [short, long] = [5_000, 40_000].map((count) => part.repeat(count));
  redact(long);
  // With a quadratic algorithm, the time would be 64 times as long.
  expect(cpuOf(() => redact(long)) / cpuOf(() => redact(short))).toBeLessThan(24);
});
