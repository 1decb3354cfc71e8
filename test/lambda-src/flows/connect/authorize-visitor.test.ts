import { createHash, randomBytes } from 'node:crypto';
import { authorizeVisitor } from '../../../../lambda-src/flows/connect/authorize-visitor';

const ARN = 'arn:aws:execute-api:eu-west-1:123456789012:api/v1/$connect';
const SECRET = randomBytes(32).toString('base64url');

const ask = (headers: Record<string, string>, allowedOrigins: string[] = []) =>
  authorizeVisitor({ allowedOrigins }, { methodArn: ARN, headers });
const bearer = (secret: string) => ({ Authorization: `Bearer ${secret}` });
const offered = (secret: string) => ({
  'Sec-WebSocket-Protocol': `streamer.v1, bearer.${Buffer.from(secret).toString('base64url')}`,
});

test("a visitor's secret opens the connection, and its hash is the visitor's name", () => {
  const user = `visitor-${createHash('sha256').update(SECRET).digest('base64url')}`;

  expect(ask(bearer(SECRET))).toEqual({
    principalId: user,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: ARN }],
    },
    context: { user, tenant: 'default', exp: 0 },
  });
});

test('the secret may be a subprotocol, as a browser sends it, and the answer does not contain it', () => {
  expect(ask(offered(SECRET))).toEqual(ask(bearer(SECRET)));
  expect(JSON.stringify(ask(offered(SECRET)))).not.toContain(SECRET);
});

test('another secret means another visitor', () => {
  expect(ask(bearer(SECRET)).principalId).not.toBe(ask(bearer(randomBytes(32).toString('base64url'))).principalId);
});

test.each([
  ['256 bits as base64url', randomBytes(32).toString('base64url')],
  ['256 bits as hex', randomBytes(32).toString('hex')],
  ['the longest', randomBytes(96).toString('base64url')],
])('%s are a secret', (_, secret) => {
  expect(ask(bearer(secret))).toHaveProperty('context.user');
});

test.each<[what: string, headers: Record<string, string>]>([
  ['no secret', {}],
  ['an empty one', bearer('')],
  ['one character less than 256 bits take', bearer(SECRET.slice(1))],
  ['a UUID, which has 122 bits', bearer('3f1c1f0e-53a5-4b9e-9d7c-2a3a1a1f6f5e')],
  ['more than 128 characters', bearer('0123456789'.repeat(13))],
  ['a repeated character', bearer('a'.repeat(43))],
  ['a repeated pattern', bearer('abcdefg'.repeat(7))],
  ['other characters', bearer(`${SECRET}=`)],
  ['a space within', offered(`${SECRET} ${SECRET}`)],
  ['a line break at the end', offered(`${SECRET}\n`)],
  ['a null character', offered(`${SECRET}\0`)],
  ['what is no base64url', { 'Sec-WebSocket-Protocol': 'streamer.v1, bearer.***' }],
  ['a secret in another scheme', { Authorization: `Basic ${SECRET}` }],
  ['a secret in the query string of some header', { Referer: `https://example.com/?token=${SECRET}` }],
])('%s gets 401', (_, headers) => {
  expect(() => ask(headers)).toThrow(/^Unauthorized$/);
});

test('a handshake without headers gets 401', () => {
  expect(() => authorizeVisitor({ allowedOrigins: [] }, { methodArn: ARN })).toThrow(/^Unauthorized$/);
});

describe('the origin', () => {
  const allowed = ['https://app.example'];

  test.each([
    ['https://app.example', 'Allow'],
    ['https://evil.example', 'Deny'],
    ['https://app.example.evil', 'Deny'],
    ['null', 'Deny'],
  ])('%s gets %s', (origin, Effect) => {
    const answer = ask({ ...bearer(SECRET), Origin: origin }, allowed);

    expect(answer.policyDocument.Statement).toMatchObject([{ Effect }]);
    expect('context' in answer).toBe(Effect === 'Allow');
  });

  test('the Origin header is not required, because only browsers send it', () => {
    expect(ask(bearer(SECRET), allowed)).toHaveProperty('context');
  });
});
