import {
  allow,
  deny,
  headersOf,
  originAllowed,
  tokenOf,
  unauthorized,
} from '../../../../lambda-src/flows/connect/handshake';
import { readHandshakes } from '../../../protocol/vectors';

const methodArn = 'arn:aws:execute-api:eu-west-1:123456789012:api/v1/$connect';
const of = (headers?: Record<string, string | undefined>) => headersOf({ methodArn, headers });
const offered = (token: string) => `bearer.${Buffer.from(token).toString('base64url')}`;

describe('the token', () => {
  test.each<[what: string, headers: Record<string, string | undefined>, token: string | undefined]>([
    ['in the header', { Authorization: 'Bearer abc' }, 'abc'],
    ['in a header whose case is another', { AUTHORIZATION: 'bearer abc' }, 'abc'],
    ['as a subprotocol', { 'sec-websocket-protocol': `streamer.v1, ${offered('a b')}` }, 'a b'],
    ['in both: that of the header', { authorization: 'Bearer abc', 'sec-websocket-protocol': offered('x') }, 'abc'],
    ['in two subprotocols', { 'sec-websocket-protocol': `${offered('a')},${offered('b')}` }, undefined],
    ['nowhere', {}, undefined],
    ['in a header without a value', { authorization: undefined }, undefined],
    ['of another scheme', { authorization: 'Basic abc' }, undefined],
    ['of two words', { authorization: 'Bearer a b' }, undefined],
    ['that is empty', { 'sec-websocket-protocol': 'bearer.' }, undefined],
    ['in another subprotocol', { 'sec-websocket-protocol': 'bearer, streamer.v1' }, undefined],
  ])('the token of a handshake: %s', (_, headers, token) => {
    expect(tokenOf(of(headers))).toBe(token);
  });

  test('without headers there is no token', () => {
    expect(tokenOf(of(undefined))).toBeUndefined();
  });
});

describe('protocol/vectors/handshake.json', () => {
  test.each(readHandshakes())('a server reads the token of $name', ({ headers, token }) => {
    const multiValueHeaders: Record<string, string[]> = {};
    for (const [name, value] of headers) multiValueHeaders[name] = [...(multiValueHeaders[name] ?? []), value];

    expect(tokenOf(headersOf({ methodArn, multiValueHeaders })) ?? null).toBe(token);
  });

  test('names of the vectors are unique', () => {
    const names = readHandshakes().map(({ name }) => name);

    expect(new Set(names).size).toBe(names.length);
  });
});

test.each<[allowed: string[], origin: string | undefined, isAllowed: boolean]>([
  [[], 'https://any.example', true],
  [['https://a.example'], 'https://a.example', true],
  [['https://a.example'], 'https://A.example', false],
  [['https://a.example'], 'https://a.example:8443', false],
  [['https://a.example'], 'null', false],
  [['https://a.example'], '', false],
  [['https://a.example'], undefined, true],
])('with the allowed origins %j, %j is allowed: %s', (allowed, origin, isAllowed) => {
  expect(originAllowed(allowed, of(origin === undefined ? {} : { Origin: origin }))).toBe(isAllowed);
});

test('`originAllowed` compares the whole origin', () => {
  const Statement = [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: methodArn }];
  const identity = { user: 'ann', tenant: 'acme', exp: 7 };

  expect(allow({ methodArn }, { ...identity, more: 'x' } as never)).toEqual({
    principalId: 'ann',
    policyDocument: { Version: '2012-10-17', Statement },
    context: identity,
  });
  expect(deny({ methodArn }, 'ann')).toEqual({
    principalId: 'ann',
    policyDocument: { Version: '2012-10-17', Statement: [{ ...Statement[0], Effect: 'Deny' }] },
  });
});

test('the error that API Gateway converts to a 401 has exactly that message', () => {
  expect(unauthorized().message).toBe('Unauthorized');
});
