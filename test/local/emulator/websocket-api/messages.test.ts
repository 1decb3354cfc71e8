import { FakeClock } from '../../../fakes/fake-clock';
import { apiSpec, FakeFunctions, GatewayBench, lambdaRoute, ROUTER_ROUTES, usualFunctions } from './support';

const bench = new GatewayBench();
afterEach(() => bench.clear());

test('APIGW-20 the route selection expression picks the route, and anything else is $default', async () => {
  const { connect } = bind(await bench.start());
  const client = await connect();
  client.send({ action: 'echo' });
  expect(await client.frame(1)).toBe('echo {"action":"echo"}');
  const others = [
    '{"action":"unknown"}',
    'no json',
    '[]',
    '"echo"',
    '{"action":{"a":1}}',
    '{"action":"$connect"}',
    '{}',
  ];
  for (const [n, message] of others.entries()) {
    client.send(message);
    expect(await client.frame(n + 2)).toBe(`fallback ${message}`);
  }
});

test('APIGW-21 a nested path and a composed expression select too', async () => {
  const routes = new Map([
    ['b', lambdaRoute('echo', { returnResponse: true })],
    ['a/7', lambdaRoute('fallback', { returnResponse: true })],
  ]);
  const nested = await (
    await bench.start(apiSpec({ routes, routeSelectionExpression: '$request.body.x.y' }))
  ).connect();
  nested.send({ x: { y: 'b' } });
  expect(await nested.frame()).toBe('echo {"x":{"y":"b"}}');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of API Gateway
  const routeSelectionExpression = '${request.body.x}/${request.body.n}';
  const composed = await (await bench.start(apiSpec({ routes, routeSelectionExpression }))).connect();
  composed.send({ x: 'a', n: 7 });
  expect(await composed.frame()).toBe('fallback {"x":"a","n":7}');
});

test('APIGW-22 without a route and without $default the answer is a Forbidden frame', async () => {
  const { gateway, connect } = bind(await bench.start(apiSpec({ routes: new Map() })));
  const client = await connect();
  client.send('{"action":"__proto__"}');
  const [{ connectionId } = { connectionId: '' }] = gateway.connections();
  const frame = await client.frame();
  expect(frame).toMatch(/^\{"message": "Forbidden", "connectionId":"[\w-]{15}=", "requestId":"[\w-]{15}="\}$/);
  expect(JSON.parse(frame).connectionId).toBe(connectionId);
});

test('APIGW-23 only a route with a route response answers, and only with a body', async () => {
  const functions = usualFunctions().on('fallback', () => ({ statusCode: 200 }));
  const { connect } = bind(await bench.start(apiSpec(), functions));
  const client = await connect();
  client.send({ action: 'quiet' });
  client.send('to $default, without a body');
  await functions.event('quiet');
  await functions.event('fallback');
  client.send({ action: 'echo' });
  await client.frame();
  expect(client.frames).toEqual([{ text: 'echo {"action":"echo"}', isBinary: false }]);
});

test('APIGW-24 the event of a message has its context and its body, and no headers', async () => {
  const functions = usualFunctions();
  const clock = new FakeClock(Date.UTC(2026, 0, 19, 21, 13, 26, 344));
  const { connect, host } = bind(await bench.start(apiSpec(), functions, { clock }));
  const client = await connect('', [], { headers: { 'User-Agent': 'test/1' } });
  clock.advance(1000);
  client.send('{"action":"echo","ä":1}');
  const event = await functions.event('echo');
  const { requestId, connectionId, messageId } = event.requestContext;
  expect(event).toEqual({
    requestContext: {
      routeKey: 'echo',
      messageId,
      eventType: 'MESSAGE',
      extendedRequestId: requestId,
      requestTime: '19/Jan/2026:21:13:27 +0000',
      messageDirection: 'IN',
      stage: 'live',
      connectedAt: Date.UTC(2026, 0, 19, 21, 13, 26, 344),
      requestTimeEpoch: Date.UTC(2026, 0, 19, 21, 13, 27, 344),
      identity: { userAgent: 'test/1', sourceIp: '127.0.0.1' },
      requestId,
      domainName: host,
      connectionId,
      apiId: 'a1b2c3d4e5',
    },
    body: '{"action":"echo","ä":1}',
    isBase64Encoded: false,
  });
  for (const id of [requestId, connectionId, messageId]) expect(id).toMatch(/^[\w-]{15}=$/);
  expect(new Set([requestId, connectionId, messageId]).size).toBe(3);
});

test.each([
  ['throws', () => Promise.reject(new Error('secret detail'))],
  ['answers no proxy response', () => ({ hello: 'world' })],
  ['answers nothing', () => undefined],
])('APIGW-25 an integration that %s is an Internal server error frame without detail', async (_how, answer) => {
  const functions = usualFunctions().on('quiet', answer);
  const client = await (await bench.start(apiSpec(), functions)).connect();
  client.send({ action: 'quiet' });
  const frame = await client.frame();
  expect(frame).toMatch(
    /^\{"message": "Internal server error", "connectionId":"[\w-]{15}=", "requestId":"[\w-]{15}="\}$/,
  );
  const { requestId } = (await functions.event('quiet')).requestContext;
  expect(JSON.parse(frame).requestId).toBe(requestId);
});

test('APIGW-26 an integration above its time limit is an Internal server error frame', async () => {
  const clock = new FakeClock();
  const functions = usualFunctions().on('quiet', () => new Promise(() => undefined));
  const client = await (await bench.start(apiSpec(), functions, { clock })).connect();
  client.send({ action: 'quiet' });
  await functions.event('quiet');
  clock.advance(28_999);
  expect(client.frames).toHaveLength(0);
  clock.advance(1);
  expect(JSON.parse(await client.frame())).toMatchObject({ message: 'Internal server error' });
});

test('APIGW-27 messages of one connection are processed concurrently', async () => {
  const release: (() => void)[] = [];
  const functions = usualFunctions().on('echo', async ({ body }) => {
    if (body.includes('first')) await new Promise<void>((resolve) => release.push(resolve));
    return { statusCode: 200, body };
  });
  const client = await (await bench.start(apiSpec(), functions)).connect();
  client.send({ action: 'echo', name: 'first' });
  client.send({ action: 'echo', name: 'second' });
  expect(JSON.parse(await client.frame(1)).name).toBe('second');
  release[0]?.();
  expect(JSON.parse(await client.frame(2)).name).toBe('first');
});

test('APIGW-28 a throttle answers Too Many Requests until its bucket refills, per route', async () => {
  const clock = new FakeClock();
  const throttle = { rateLimit: 1, burstLimit: 2 };
  const client = await (await bench.start(apiSpec({ throttle }), usualFunctions(), { clock })).connect();
  const ask = (action: string) => client.send({ action });
  for (let i = 0; i < 3; i += 1) ask('echo');
  await client.frame(3);
  const texts = client.frames.map(({ text }) => text);
  expect(texts.filter((text) => text.startsWith('echo'))).toHaveLength(2);
  expect(texts.filter((text) => text.startsWith('{"message": "Too Many Requests", "connectionId":"'))).toHaveLength(1);
  ask('other');
  expect(await client.frame(4)).toMatch(/^fallback/);
  clock.advance(1000);
  ask('echo');
  expect(await client.frame(5)).toMatch(/^echo/);
});

test('APIGW-29 a MOCK integration with a route response answers without a function', async () => {
  const ping = { mock: { statusCode: 200, body: '{"type":"pong"}' }, returnResponse: true, timeoutMs: 1000 };
  const functions = new FakeFunctions();
  const client = await (await bench.start(apiSpec({ routes: new Map([['ping', ping]]) }), functions)).connect();
  client.send({ action: 'ping' });
  expect(await client.frame()).toBe('{"type":"pong"}');
  expect(functions.calls).toEqual([]);
});

test('APIGW-30 the body goes to the client with any status code', async () => {
  const functions = usualFunctions().on('echo', () => ({ statusCode: 500, body: 'still sent' }));
  const client = await (await bench.start(apiSpec({ routes: new Map(ROUTER_ROUTES) }), functions)).connect();
  client.send({ action: 'echo' });
  expect(await client.frame()).toBe('still sent');
});

function bind(running: Awaited<ReturnType<GatewayBench['start']>>) {
  return { gateway: running.gateway, host: running.host, connect: running.connect.bind(running) };
}
