import { createSign, generateKeyPairSync } from 'node:crypto';
import { JwtVerifier } from 'aws-jwt-verify';
import { FetchError } from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { judge, tokenVerifier } from '../../../lambda-src/aws/token-verifier';

const OPTIONS = { issuer: 'https://issuer.example', audience: ['app'], jwksUri: 'https://issuer.example/jwks.json' };
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig', kty: 'RSA' };

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = () => Math.floor(Date.now() / 1000);

function token(claims: object = {}, header: object = {}): string {
  const payload = { iss: OPTIONS.issuer, aud: 'app', sub: 'ann', exp: seconds() + 600, ...claims };
  const text = `${encode({ alg: 'RS256', kid: 'k1', ...header })}.${encode(payload)}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(keys.privateKey, 'base64url')}`;
}

let keySet: () => Promise<ArrayBuffer>;
const served = (value: unknown) => async () => new TextEncoder().encode(JSON.stringify(value)).buffer as ArrayBuffer;

let verify: (text: string) => ReturnType<typeof judge>;
beforeEach(() => {
  keySet = served({ keys: [jwk] });
  const jwksCache = new SimpleJwksCache({ fetcher: { fetch: () => keySet() } });
  const verifier = JwtVerifier.create(OPTIONS, { jwksCache });
  verify = (text) => judge(() => verifier.verify(text));
});

test('a valid token returns its claims', async () => {
  expect(await verify(token())).toMatchObject({ claims: { sub: 'ann' } });
});

test.each([
  ['the token has expired', () => token({ exp: seconds() - 1 })],
  ['the token is not valid yet', () => token({ nbf: seconds() + 60 })],
  ['the token is from another issuer', () => token({ iss: 'https://evil.example' })],
  ['the token is for another audience', () => token({ aud: 'other' })],
  [
    'the signature does not match the key that the token names',
    () => `${token().split('.').slice(0, 2).join('.')}.c2ln`,
  ],
  ['the token names another algorithm than its key', () => token({}, { alg: 'RS512' })],
  ['not a JSON Web Token', () => 'hello'],
  ['not a JSON Web Token', () => 'a.b.c'],
  ['the token names no key', () => token({}, { kid: undefined })],
  ["the token names a key that is not in the issuer's key set", () => token({}, { kid: 'k2' })],
])('an invalid token is refused: %s', async (refused, text) => {
  expect(await verify(text())).toEqual({ refused });
});

test.each([
  [
    'cannot be fetched',
    () => Promise.reject(new FetchError(OPTIONS.jwksUri, 'Time-out')),
    "the issuer's key set could not be fetched",
  ],
  [
    'is no JSON',
    async () => new TextEncoder().encode('<html>').buffer as ArrayBuffer,
    "the issuer's key set is malformed",
  ],
  ['holds no keys', served({ error: 'try again' }), "the issuer's key set is malformed"],
  ['fails in an unknown way', () => Promise.reject(new TypeError('secret')), 'the token could not be verified'],
])('no token can be verified while the key set %s', async (_name, answer, message) => {
  keySet = answer;
  await expect(verify(token())).rejects.toThrow(new Error(message));
  keySet = served({ keys: [jwk] });
  expect(await verify(token())).toMatchObject({ claims: { sub: 'ann' } });
});

test('a token with an unknown key is refused after a fetch; while the verifier may not fetch, it throws', async () => {
  expect(await verify(token({}, { kid: 'k2' }))).toMatchObject({ refused: expect.stringContaining('key set') });
  await expect(verify(token({}, { kid: 'k3' }))).rejects.toThrow('is not fetched again within 10 seconds');
  expect(await verify(token())).toMatchObject({ claims: { sub: 'ann' } });
});

test('without a network no token can be verified', async () => {
  const offline = tokenVerifier({ ...OPTIONS, jwksUri: 'https://127.0.0.1:1/jwks.json' });
  await expect(offline(token())).rejects.toThrow("the issuer's key set could not be fetched");
  expect(await offline('hello')).toEqual({ refused: 'not a JSON Web Token' });
});
