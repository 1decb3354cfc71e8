import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { JwtVerifier } from 'aws-jwt-verify';
import { judge } from '../../../../lambda-src/aws/token-verifier';
import { authorize } from '../../../../lambda-src/flows/connect/authorize';
import { Bench } from '../../support/bench';

const ISSUER = 'https://issuer.example';
const ARN = 'arn:aws:execute-api:eu-west-1:123456789012:api/prod/$connect';
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const otherKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const verifier = JwtVerifier.create({ issuer: ISSUER, audience: ['app'], jwksUri: `${ISSUER}/jwks.json` });
const jwk = keys.publicKey.export({ format: 'jwk' });
verifier.cacheJwks({ keys: [{ ...jwk, kid: 'k1', alg: 'RS256', use: 'sig', kty: 'RSA' }] });

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = () => Math.floor(Date.now() / 1000);

function token(
  claims: object = {},
  { key = keys.privateKey, header = {} }: { key?: KeyObject; header?: object } = {},
): string {
  const payload = { iss: ISSUER, aud: 'app', sub: 'alice', exp: seconds() + 600, iat: seconds(), ...claims };
  const text = `${encode({ alg: 'RS256', kid: 'k1', typ: 'JWT', ...header })}.${encode(payload)}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`;
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

const ask = (headers: Record<string, string>, allowedOrigins: string[] = []) =>
  authorize(
    { verify: (text) => judge(() => verifier.verify(text)), tenantClaim: 'org', allowedOrigins, log: bench.log },
    { methodArn: ARN, headers },
  );
const bearer = (text: string) => ({ Authorization: `Bearer ${text}` });
const offered = (text: string) => `bearer.${Buffer.from(text).toString('base64url')}`;
const statement = (Effect: 'Allow' | 'Deny') => ({
  Version: '2012-10-17',
  Statement: [{ Action: 'execute-api:Invoke', Effect, Resource: ARN }],
});

describe('a good token', () => {
  test('a valid token in the header opens this connection, and names its owner', async () => {
    const exp = seconds() + 600;

    expect(await ask(bearer(token({ org: 'acme', exp })))).toEqual({
      principalId: 'alice',
      policyDocument: statement('Allow'),
      context: { user: 'alice', tenant: 'acme', exp },
    });
  });

  test.each([
    ['after the subprotocol', (text: string) => `streamer.v1, ${offered(text)}`],
    ['before it', (text: string) => `${offered(text)},streamer.v1`],
    ['alone', offered],
  ])('a valid token may be offered as a subprotocol, %s', async (_name, header) => {
    expect(await ask({ 'Sec-WebSocket-Protocol': header(token()) })).toMatchObject({ principalId: 'alice' });
  });

  test.each(['authorization', 'AUTHORIZATION'])('a valid token is found regardless of the case of %s', async (name) => {
    expect(await ask({ [name]: `bearer ${token()}` })).toMatchObject({ principalId: 'alice' });
  });

  test('if header and subprotocol contain a token, the token in the header counts', async () => {
    const headers = {
      ...bearer(token({ sub: 'header' })),
      'Sec-WebSocket-Protocol': offered(token({ sub: 'offered' })),
    };

    expect(await ask(headers)).toMatchObject({ principalId: 'header' });
  });

  test("a valid token without the tenant's claim belongs to the default tenant", async () => {
    expect(await ask(bearer(token()))).toMatchObject({ context: { tenant: 'default' } });
  });

  test.each([
    [''],
    [null],
    [42],
    [['acme']],
    [{ name: 'acme' }],
    [true],
    ['x'.repeat(257)],
  ])('a valid token with the invalid tenant %j opens no connection, because it must not get access to another tenant', async (org) => {
    const answer = await ask(bearer(token({ org })));

    expect(answer).toEqual({ principalId: 'alice', policyDocument: statement('Deny') });
  });
});

describe('a handshake that is refused with 401', () => {
  const forged = (text: string) => {
    const [header, , signature] = text.split('.');
    return [header, encode({ iss: ISSUER, aud: 'app', sub: 'admin', exp: seconds() + 600 }), signature].join('.');
  };
  const cases: [string, () => Record<string, string>][] = [
    ['no token', () => ({})],
    ['no headers that carry one', () => ({ Origin: 'https://app.example', 'Sec-WebSocket-Protocol': 'streamer.v1' })],
    ['an empty token', () => ({ Authorization: 'Bearer ', 'Sec-WebSocket-Protocol': 'bearer.' })],
    ['another scheme', () => ({ Authorization: `Basic ${token()}` })],
    ['a token that has expired', () => bearer(token({ exp: seconds() - 10 }))],
    ['one that is not valid yet', () => bearer(token({ nbf: seconds() + 600 }))],
    ['one of another issuer', () => bearer(token({ iss: 'https://evil.example' }))],
    ['one for another audience', () => bearer(token({ aud: 'other' }))],
    ['one signed with another key', () => bearer(token({}, { key: otherKeys.privateKey }))],
    ['one whose claims were changed', () => bearer(forged(token()))],
    ['one without a signature', () => bearer(`${token().split('.').slice(0, 2).join('.')}.`)],
    ['one that claims to need none', () => bearer(token({}, { header: { alg: 'none' } }))],
    ['one without an end', () => bearer(token({ exp: undefined }))],
    ['one whose end is in milliseconds', () => bearer(token({ exp: Date.now() + 600_000 }))],
    ['no user in it', () => bearer(token({ sub: undefined }))],
    ['an empty user in it', () => bearer(token({ sub: '' }))],
    ['what is no token', () => bearer('hello')],
    ['what is no base64url', () => ({ 'Sec-WebSocket-Protocol': 'streamer.v1, bearer.***' })],
  ];

  test.each(cases)('a handshake that is refused with 401: %s', async (_name, headers) => {
    await expect(ask(headers())).rejects.toThrow(/^Unauthorized$/);
  });

  test('a token that cannot be verified is not answered with 401, after which clients give up, and the reason is logged', async () => {
    const verify = () => Promise.reject(new Error("the issuer's key set could not be fetched"));
    const options = { verify, tenantClaim: 'org', allowedOrigins: [], log: bench.log };

    await expect(authorize(options, { methodArn: ARN, headers: bearer(token()) })).rejects.toThrow(
      "the issuer's key set could not be fetched",
    );
    expect(bench.lines).toEqual([
      {
        level: 'error',
        message: 'a token could not be verified',
        fields: { reason: "the issuer's key set could not be fetched" },
      },
    ]);
  });

  test('a handshake without headers is refused with 401', async () => {
    const options = { verify: jest.fn(), tenantClaim: 'org', allowedOrigins: [], log: bench.log };

    await expect(authorize(options, { methodArn: ARN })).rejects.toThrow('Unauthorized');
    expect(options.verify).not.toHaveBeenCalled();
  });

  test('no log line contains the token of a handshake that is refused with 401', async () => {
    for (const [, headers] of cases) {
      const sent = headers();
      await ask(sent).catch(() => undefined);
      const text = JSON.stringify(bench.lines);
      const parts = Object.values(sent)
        .flatMap((value) => value.split(/[ ,.]+/))
        .filter((part) => part.length > 12);
      for (const part of parts) expect(text).not.toContain(part);
    }
    expect(bench.lines.length).toBeGreaterThan(5);
    expect(bench.lines).toContainEqual({
      level: 'warn',
      message: 'a token was refused',
      fields: { reason: 'the token has expired' },
    });
  });
});

describe('the origin', () => {
  const allowed = ['https://app.example'];

  test.each([
    ['of the app', 'https://app.example', 'Allow'],
    ['of another site', 'https://evil.example', 'Deny'],
    ['that only begins like it', 'https://app.example.evil', 'Deny'],
    ['without TLS', 'http://app.example', 'Deny'],
    ['that is opaque', 'null', 'Deny'],
  ])('%s: %s gets %s', async (_name, origin, Effect) => {
    const answer = await ask({ ...bearer(token()), Origin: origin }, allowed);

    expect(answer.policyDocument.Statement).toMatchObject([{ Effect }]);
    expect('context' in answer).toBe(Effect === 'Allow');
  });

  test('the Origin header is not required, because only browsers send it', async () => {
    expect(await ask(bearer(token()), allowed)).toMatchObject({ context: { user: 'alice' } });
  });

  test('any origin is accepted if `allowedOrigins` is empty', async () => {
    expect(await ask({ ...bearer(token()), Origin: 'https://any.example' })).toMatchObject({
      context: { user: 'alice' },
    });
  });

  test("the answer to another site's origin does not reveal whether the token is valid", async () => {
    await expect(ask({ ...bearer('hello'), Origin: 'https://evil.example' }, allowed)).rejects.toThrow('Unauthorized');
  });
});
