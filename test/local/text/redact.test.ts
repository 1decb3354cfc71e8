import fc from 'fast-check';
import { redact } from '../../../local/text/redact';

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

/** Where a token is found in what functions and clients write. */
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

test('no token is left in a line, wherever in it it stands', () => {
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

test('a JSON Web Token is cut where nothing announces it, also in base64', () => {
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
])('signatures are cut: %s', (line, cut) => {
  expect(redact(line)).toBe(cut);
});

test.each([
  'token keys at https://127.0.0.1:1234/.well-known/jwks.json',
  'tokens     POST http://127.0.0.1:4000/_aws/token',
  'a token was refused reason=the token has expired',
  'the bearer of a token',
  'request echo r-1 (66 bytes)',
  'max_tokens: 1000000000',
])('an ordinary line stays: %s', (line) => {
  expect(redact(line)).toBe(line);
});

test('a long line takes no longer than its length', () => {
  const started = process.cpuUsage().user;
  for (const part of ['eyJ', 'bearer ', 'authorization:', 'token=', 'ZXlK', '.a', 'Bearer.', ' '])
    redact(part.repeat(100_000));
  expect(process.cpuUsage().user - started).toBeLessThan(5_000_000);
});
