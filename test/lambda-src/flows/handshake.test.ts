import {
  type AuthorizerEvent,
  allow,
  deny,
  headersOf,
  originAllowed,
  tokenOf,
  unauthorized,
} from '../../../lambda-src/flows/handshake';

const ARN = 'arn:aws:execute-api:eu-west-1:123456789012:api/v1/$connect';
const event = (headers?: AuthorizerEvent['headers']): AuthorizerEvent => ({ methodArn: ARN, headers });
const offer = (token: string) => `bearer.${Buffer.from(token).toString('base64url')}`;

test.each<[string, AuthorizerEvent['headers'], string | undefined]>([
  ['the Authorization header', { Authorization: 'Bearer abc' }, 'abc'],
  ['its scheme and name in any case', { AUTHORIZATION: 'bEaReR  abc' }, 'abc'],
  ['an offered subprotocol', { 'Sec-WebSocket-Protocol': `streamer.v1, ${offer('häl lo')}` }, 'häl lo'],
  ['the header where both are there', { authorization: 'Bearer abc', 'sec-websocket-protocol': offer('no') }, 'abc'],
  [
    'the subprotocol where the header is of another scheme',
    { authorization: 'Basic abc', 'sec-websocket-protocol': offer('t') },
    't',
  ],
  ['none in an empty subprotocol', { 'sec-websocket-protocol': 'bearer.' }, undefined],
  ['none in a header with two words', { authorization: 'Bearer a b' }, undefined],
  ['none without headers', undefined, undefined],
])('the token is that of %s', (_name, headers, token) => {
  expect(tokenOf(headersOf(event(headers)))).toBe(token);
});

test.each<[string[], string | undefined, boolean]>([
  [[], 'https://evil.example', true],
  [['https://app.example'], 'https://app.example', true],
  [['https://app.example'], 'https://app.example.evil', false],
  [['https://app.example'], 'null', false],
  [['https://app.example'], undefined, true],
])('with %p allowed, the origin %p may connect: %p', (allowed, origin, may) => {
  expect(originAllowed(allowed, headersOf(event(origin === undefined ? {} : { Origin: origin })))).toBe(may);
});

test('an answer is for this one connection, and carries the identity', () => {
  expect(allow(event(), { user: 'ann', tenant: 't1', exp: 9 })).toEqual({
    principalId: 'ann',
    context: { user: 'ann', tenant: 't1', exp: 9 },
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: ARN }],
    },
  });
  const { context, policyDocument } = deny(event(), 'ann');
  expect(context).toBeUndefined();
  expect(policyDocument.Statement).toEqual([expect.objectContaining({ Effect: 'Deny', Resource: ARN })]);
});

test('API Gateway answers 401 to one text only', () => {
  expect(unauthorized().message).toBe('Unauthorized');
});
