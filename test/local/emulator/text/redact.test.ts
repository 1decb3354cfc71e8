import fc from 'fast-check';
import { redact } from '../../../../local/emulator/text/redact';
import { MAX_TEXT, safeText } from '../../../../local/emulator/text/safe-text';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const base64url = (min: number) =>
  fc
    .array(fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'), {
      minLength: min,
      maxLength: 90,
    })
    .map((chars) => chars.join(''));

const jwt = fc
  .tuple(fc.constantFrom('RS256', 'ES256', 'none'), fc.string(), fc.nat(), base64url(20))
  .map(([alg, sub, exp, signature]) => `${encode({ alg, typ: 'JWT' })}.${encode({ sub, exp })}.${signature}`);
const secret = base64url(43);

/** Contexts in which a token may occur in the output of functions and clients. */
const PLACES: readonly ((token: string) => string)[] = [
  (token) => `Authorization: Bearer ${token}`,
  (token) => `authorization=${token}`,
  (token) => JSON.stringify({ headers: { Authorization: `Bearer ${token}` } }),
  (token) => JSON.stringify({ message: JSON.stringify({ authorization: `Basic ${token}` }) }),
  (token) => JSON.stringify({ multiValueHeaders: { authorization: [`Bearer ${token}`] } }),
  (token) => `using bearer ${token} for it`,
  (token) => `Sec-WebSocket-Protocol: streamer.v1, bearer.${Buffer.from(token).toString('base64url')}`,
  (token) =>
    JSON.stringify({ 'sec-websocket-protocol': `bearer.${Buffer.from(token).toString('base64url')}, streamer.v1` }),
  (token) => `GET /v1?token=${token}&x=1`,
  (token) => `GET /v1?x=1&access_token=${token}`,
  (token) => `?ticket=${token}`,
  (token) => JSON.stringify({ type: 'auth.refresh', token }),
  (token) => JSON.stringify({ log: JSON.stringify({ type: 'auth.refresh', token }) }),
  (token) => `{ id_token: '${token}' }`,
];

test('a token is removed at any position in a line', () => {
  fc.assert(
    fc.property(fc.oneof(jwt, secret), fc.constantFrom(...PLACES), fc.lorem(), (token, place, words) => {
      const line = redact(`${words} ${place(token)} ${words}`);
      for (const text of [token, Buffer.from(token).toString('base64url')]) {
        for (let at = 0; at + 16 <= text.length; at++) expect(line).not.toContain(text.slice(at, at + 16));
      }
      expect(line.startsWith(words)).toBe(true);
      expect(line.endsWith(words)).toBe(true);
    }),
  );
});

test('a JSON Web Token is removed even without a name before it, also in base64', () => {
  fc.assert(
    fc.property(jwt, (token) => {
      expect(redact(`got ${token}, then`)).toBe('got [token], then');
      expect(redact(`got ${Buffer.from(token).toString('base64url')}, then`)).toBe('got [token], then');
    }),
  );
});

test.each([
  [
    'AWS4-HMAC-SHA256 Credential=AKIA/x, SignedHeaders=host, Signature=abc',
    'AWS4-HMAC-SHA256 Credential=[…], SignedHeaders=host, Signature=[…]',
  ],
  [
    '/b/k?X-Amz-Credential=a%2Fb&X-Amz-Security-Token=c&X-Amz-Signature=d&x=1',
    '/b/k?X-Amz-Credential=[…]&X-Amz-Security-Token=[…]&X-Amz-Signature=[…]&x=1',
  ],
])('signatures are removed: %s', (line, cut) => {
  expect(redact(line)).toBe(cut);
});

test.each([
  'token keys at https://127.0.0.1:1234/.well-known/jwks.json',
  'tokens     POST http://127.0.0.1:4000/_aws/token',
  'a token was refused reason=the token has expired',
  'the bearer of a token',
  'request echo r-1 (66 bytes)',
  'max_tokens: 1000000000',
])('an ordinary line stays unchanged: %s', (line) => {
  expect(redact(line)).toBe(line);
});

test.each(['x_', '_', '0', 'id%3D', 'session-'])('a JSON Web Token is removed after %s', (before) => {
  fc.assert(
    fc.property(jwt, (token) => {
      expect(redact(`${before}${token} x`)).toMatch(/\[token\] x$/);
      expect(redact(`${before}${token.replaceAll('.', '%2E')} x`)).toMatch(/\[token\] x$/);
      expect(redact(`${before}${token} x`)).not.toContain(token.slice(-16));
    }),
  );
});

test('a token whose end was cut off leaves none of its contents', () => {
  fc.assert(
    fc.property(jwt, fc.nat(), (token, at) => {
      const [header = '', payload = ''] = token.split('.');
      const line = redact(`got ${token.slice(0, header.length + 2 + (at % (token.length - header.length)))}`);
      expect(line).not.toContain(payload.slice(0, 16));
      expect(line).toBe('got [token]');
    }),
  );
});

test('a color inside a token does not hide it, and a long text is truncated', () => {
  const token = `${encode({ alg: 'none' })}.${encode({ sub: 'somebody' })}.abcdefghijkl`;
  const colored = `${token.slice(0, 6)}\u001b[31m${token.slice(6)}`;
  expect(safeText(`got ${colored}`)).toBe('got [token]');
  expect(safeText(`${'x'.repeat(8_000_000)}`).length).toBeLessThan(MAX_TEXT + 100);
});

/**
 * Returns the processor time of one call, the minimum of several calls. Other load on the machine only increases the
 * time.
 */
function cost(text: string): number {
  const times = [1, 2, 3].map(() => {
    const started = process.cpuUsage().user;
    redact(text);
    return process.cpuUsage().user - started;
  });
  return Math.min(...times);
}

const NAMES = [
  'authorization',
  'bearer',
  'bearer.',
  'token',
  'access_token',
  'ticket',
  'X-Amz-',
  'Signature=',
  'ZXlK',
  'eyJ',
];
const REPEATED = [
  ...NAMES,
  '-eyJaaaaaaaa',
  'eyJaaaaaaaa.',
  'eyJaaaaaaaa%2E',
  'authorization:',
  'token=',
  '/ZXlK',
  ' ',
  '.',
  '-',
  '"',
  '\\',
  '=',
];

test.each(REPEATED)('the time for a long line of %j is proportional to its length', (part) => {
  for (const before of ['', 'authorization:', 'authorization', 'token', 'bearer', 'eyJaaaaaaaa.', '-eyJ']) {
    const [short, long] = [20_000, 160_000].map((length) => cost(`${before}${part.repeat(length / part.length)},`));
    // the string is eight times as long, so a quadratic pattern would take 64 times as long
    expect(long).toBeLessThan(24 * Math.max(short as number, 5000));
  }
});
