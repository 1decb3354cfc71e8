import type { FunctionInvoker } from '../../../../local/emulator/types';
import { ThrottledError } from '../../../../local/emulator/types';
import { FakeClock } from '../../../fakes/fake-clock';
import { apiSpec, GatewayBench, lambdaRoute, ROUTER_ROUTES, usualFunctions } from './support';

const bench = new GatewayBench();
afterEach(() => bench.clear());

const ARN = 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/live/$connect';

function policy(Effect: string, Resource: unknown = ARN, Action: unknown = 'execute-api:Invoke') {
  return { Version: '2012-10-17', Statement: [{ Effect, Resource, Action }] };
}

function authorized(identitySource: string[] = []) {
  const authorizer = { functionName: 'authorizer', identitySource };
  const routes = new Map([...ROUTER_ROUTES, ['$connect', lambdaRoute('router', { authorizer })] as const]);
  return apiSpec({ routes });
}

function functionsWith(answer: () => unknown) {
  return usualFunctions().on('authorizer', answer);
}

test('APIGW-01 the authorizer gets the whole upgrade request', async () => {
  const functions = functionsWith(() => ({ principalId: 'u', policyDocument: policy('Allow') }));
  const running = await bench.start(authorized(), functions);
  const headers = { 'X-Custom': 'Yes', Origin: 'https://app.example' };
  functions.on('router', () => ({ statusCode: 200, headers: { 'Sec-WebSocket-Protocol': 'streamer.v1' } }));
  await running.connect('?a=1&a=2&b=%C3%A4', ['streamer.v1', 'bearer.abc'], { headers });
  const event = await functions.event('authorizer');
  expect(event).toMatchObject({
    type: 'REQUEST',
    methodArn: ARN,
    headers: { 'X-Custom': 'Yes', Origin: 'https://app.example', Connection: 'Upgrade', Upgrade: 'websocket' },
    queryStringParameters: { a: '2', b: 'ä' },
    multiValueQueryStringParameters: { a: ['1', '2'], b: ['ä'] },
    stageVariables: {},
    requestContext: { routeKey: '$connect', eventType: 'CONNECT', stage: 'live', apiId: 'a1b2c3d4e5' },
  });
  expect(event.headers['Sec-WebSocket-Protocol']).toBe('streamer.v1,bearer.abc');
  expect(event.multiValueHeaders['Sec-WebSocket-Protocol']).toEqual(['streamer.v1,bearer.abc']);
  expect(event.headers['X-Forwarded-For']).toBe('127.0.0.1');
  expect(event.requestContext.authorizer).toBeUndefined();
});

test('APIGW-02 the authorizer runs on every connect: there is no cache', async () => {
  const functions = functionsWith(() => ({ principalId: 'u', policyDocument: policy('Allow') }));
  const running = await bench.start(authorized(['route.request.header.Authorization']), functions);
  const options = { headers: { Authorization: 'same' } };
  await running.connect('', [], options);
  await running.connect('', [], options);
  expect(functions.events('authorizer')).toHaveLength(2);
});

test('APIGW-03 a declared identity source that is missing or empty is 401 before the authorizer runs', async () => {
  const functions = functionsWith(() => ({ principalId: 'u', policyDocument: policy('Allow') }));
  const sources = ['route.request.header.Authorization', 'route.request.querystring.tenant'];
  const running = await bench.start(authorized(sources), functions);
  const headers = { authorization: 'x' };
  for (const [query, sent] of [
    ['?tenant=a', {}],
    ['', headers],
    ['?tenant=', headers],
  ] as const) {
    const refused = await running.refused(query, [], { headers: sent });
    expect(refused.status).toBe(401);
    expect(JSON.parse(refused.body).message).toBe('Unauthorized');
    expect(refused.headers['x-amzn-errortype']).toBe('UnauthorizedException');
  }
  expect(functions.calls).toEqual([]);
  await running.connect('?tenant=a', [], { headers });
});

test.each([
  ['a policy that denies', () => ({ principalId: 'u', policyDocument: policy('Deny') }), 403],
  ['a policy for another ARN', () => ({ principalId: 'u', policyDocument: policy('Allow', `${ARN}x`) }), 403],
  [
    'a policy for another action',
    () => ({ principalId: 'u', policyDocument: policy('Allow', ARN, 's3:GetObject') }),
    403,
  ],
  [
    'a deny next to an allow',
    () => ({
      principalId: 'u',
      policyDocument: { Statement: [...policy('Allow').Statement, ...policy('Deny', '*').Statement] },
    }),
    403,
  ],
  ['the error Unauthorized', () => Promise.reject(new Error('Unauthorized')), 401],
  ['another error', () => Promise.reject(new Error('Unauthorized!')), 500],
  ['no principal', () => ({ policyDocument: policy('Allow') }), 500],
  ['no policy', () => ({ principalId: 'u' }), 500],
  ['nothing', () => undefined, 500],
  ['a nested context', () => ({ principalId: 'u', policyDocument: policy('Allow'), context: { a: { b: 1 } } }), 500],
  ['above 8 KB', () => ({ principalId: 'u', policyDocument: policy('Allow'), context: { a: 'x'.repeat(8192) } }), 500],
])('APIGW-04 an authorizer that answers %s refuses the connection', async (_what, answer, status) => {
  const functions = functionsWith(answer);
  const refused = await (await bench.start(authorized(), functions)).refused();
  expect(refused.status).toBe(status);
  expect(functions.events('router')).toEqual([]);
});

test.each([
  ['the ARN itself', ARN, 'execute-api:Invoke'],
  ['a wildcard', 'arn:aws:execute-api:*:*:a1b2c3d4e5/*', 'execute-api:*'],
  ['lists', ['arn:aws:other', '*'], ['s3:*', 'EXECUTE-API:invoke']],
])('APIGW-05 a policy that allows %s accepts the connection', async (_what, resource, action) => {
  const functions = functionsWith(() => ({ principalId: 'u', policyDocument: policy('Allow', resource, action) }));
  await (await bench.start(authorized(), functions)).connect();
  expect(functions.events('router')).toHaveLength(1);
});

test('APIGW-06 the authorizer context is on $connect, every message and $disconnect', async () => {
  const context = { tenant: 'acme', level: 3, admin: true, none: null };
  const functions = functionsWith(() => ({ principalId: 'user-1', policyDocument: policy('Allow'), context }));
  const client = await (await bench.start(authorized(), functions)).connect();
  client.send({ action: 'echo' });
  await client.frame();
  client.socket.close(1000);
  const expected = { tenant: 'acme', level: '3', admin: 'true', principalId: 'user-1', integrationLatency: 1 };
  for (const name of ['router', 'echo', 'bye']) {
    expect((await functions.event(name)).requestContext.authorizer).toEqual(expected);
  }
});

test('APIGW-07 the $connect event has the headers without hop-by-hop headers, and a query only if there is one', async () => {
  const functions = usualFunctions();
  const running = await bench.start(apiSpec(), functions);
  await running.connect('', [], { headers: { 'X-One': 'a' } });
  await running.connect('?q=1');
  const [plain, queried] = functions.events('router');
  expect(plain?.headers).toMatchObject({ 'X-One': 'a', 'X-Forwarded-Proto': 'http', Host: running.host });
  expect(Object.keys(plain?.headers ?? {})).not.toContain('Upgrade');
  expect(plain).not.toHaveProperty('queryStringParameters');
  expect(plain).not.toHaveProperty('body');
  expect(queried?.queryStringParameters).toEqual({ q: '1' });
  expect(queried?.requestContext).toMatchObject({ routeKey: '$connect', eventType: 'CONNECT', messageDirection: 'IN' });
});

test.each([
  301, 400, 401, 403, 429, 500, 501,
])('APIGW-08 status %d from $connect refuses with that status', async (statusCode) => {
  const functions = usualFunctions().on('router', () => ({ statusCode }));
  const running = await bench.start(apiSpec(), functions);
  expect((await running.refused()).status).toBe(statusCode);
  expect(running.gateway.connections()).toEqual([]);
  expect(functions.events('bye')).toEqual([]);
});

test('APIGW-09 a $connect integration that fails refuses with 502, one that is late with 504', async () => {
  const clock = new FakeClock();
  const functions = usualFunctions().on('router', () => Promise.reject(new Error('boom')));
  const running = await bench.start(apiSpec(), functions, { clock });
  expect(await running.refused()).toMatchObject({ status: 502, body: expect.not.stringContaining('boom') });
  functions.on('router', () => ({ ok: true }));
  expect((await running.refused()).status).toBe(502);
  functions.on('router', () => new Promise(() => undefined));
  const late = running.refused();
  await functions.event('router', 3);
  clock.advance(29_000);
  expect((await late).status).toBe(504);
});

test('a function at its reserved concurrency refuses the connection', async () => {
  const throttled: FunctionInvoker = {
    invoke: () => Promise.reject(new ThrottledError('Rate Exceeded')),
    invokeAsync: () => undefined,
  };
  expect((await (await bench.start(apiSpec(), throttled)).refused()).status).toBe(500);
});

test.each([
  ['the one it names', ['streamer.v1', 'bearer.x'], 'streamer.v1', 'streamer.v1'],
  ['another one it names', ['streamer.v1', 'v2'], 'v2', 'v2'],
])('APIGW-10 the subprotocol of the connection is %s', async (_what, offered, named, expected) => {
  const functions = usualFunctions().on('router', () => ({
    statusCode: 200,
    headers: { 'sec-websocket-protocol': named },
  }));
  const client = await (await bench.start(apiSpec(), functions)).connect('', offered);
  expect(client.socket.protocol).toBe(expected);
});

test.each([
  ['names none', {}],
  ['names one that was not offered', { 'Sec-WebSocket-Protocol': 'other' }],
])('APIGW-11 no subprotocol is answered when $connect %s', async (_what, headers) => {
  const functions = usualFunctions().on('router', () => ({ statusCode: 200, headers }));
  const running = await bench.start(apiSpec(), functions);
  await expect(running.connect('', ['streamer.v1'])).rejects.toThrow('Server sent no subprotocol');
});

test('APIGW-12 connects above the throttle are refused with 429', async () => {
  const spec = apiSpec({ throttle: { rateLimit: 1, burstLimit: 1 } });
  const running = await bench.start(spec, usualFunctions(), { clock: new FakeClock() });
  await running.connect();
  expect(await running.refused()).toMatchObject({ status: 429, body: expect.stringContaining('Too Many Requests') });
});

test('APIGW-13 another path than the stage is 403', async () => {
  const running = await bench.start();
  const refused = await running.refused('/other');
  expect(refused).toMatchObject({ status: 403, body: '{"message":"Forbidden"}' });
  expect((await running.refused('x')).status).toBe(403);
  await running.connect('/');
});

test('APIGW-14 an API without a $connect route accepts every client', async () => {
  const functions = usualFunctions();
  await (await bench.start(apiSpec({ routes: new Map() }), functions)).connect();
  expect(functions.calls).toEqual([]);
});
