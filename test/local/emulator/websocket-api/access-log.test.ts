import { formatAccessLine } from '../../../../local/emulator/websocket-api/access-log';
import type { RequestContext } from '../../../../local/emulator/websocket-api/events';
import { FakeClock } from '../../../fakes/fake-clock';
import { apiSpec, GatewayBench, usualFunctions } from './support';

const bench = new GatewayBench();
afterEach(() => bench.clear());

const FORMAT = JSON.stringify({
  id: '$context.requestId',
  event: '$context.eventType',
  route: '$context.routeKey',
  status: '$context.status',
  connection: '$context.connectionId',
  ip: '$context.identity.sourceIp',
  user: '$context.authorizer.principalId',
  latency: '$context.integrationLatency',
  error: '$context.error.message',
  reason: '$context.disconnectReason',
});

test('APIGW-90 connect, message and disconnect give a line each in the format of the stage', async () => {
  const lines: string[] = [];
  const spec = apiSpec({ accessLogFormat: FORMAT, accessLog: (line) => lines.push(line) });
  const functions = usualFunctions().on('quiet', () => Promise.reject(new Error('boom')));
  const running = await bench.start(spec, functions, { clock: new FakeClock() });
  const client = await running.connect('?token=secret');
  const connection = running.gateway.connections()[0]?.connectionId;
  client.send({ action: 'echo', password: 'secret' });
  await client.frame(1);
  client.send({ action: 'quiet' });
  await client.frame(2);
  client.socket.close(4000, 'say "bye"\n');
  await client.closed;
  await running.gateway.close();
  const common = { connection, ip: '127.0.0.1', user: '-' };
  const parsed = lines.map((line) => JSON.parse(line));
  expect(parsed).toMatchObject([
    { ...common, event: 'CONNECT', route: '$connect', status: '200', latency: '0', error: '-', reason: '-' },
    { ...common, event: 'MESSAGE', route: 'echo', status: '200', latency: '0', error: '-' },
    { ...common, event: 'MESSAGE', route: 'quiet', status: '502', latency: '-', error: 'boom' },
    { ...common, event: 'DISCONNECT', route: '$disconnect', status: '200', reason: 'say "bye"\n' },
  ]);
  expect(new Set(parsed.map(({ id }) => id)).size).toBe(4);
  expect(lines.join()).not.toContain('secret');
});

test('APIGW-91 a refused connection has a line with its status', async () => {
  const lines: string[] = [];
  const accessLogFormat = '$context.routeKey $context.status';
  const spec = apiSpec({ accessLogFormat, accessLog: (line) => lines.push(line) });
  const functions = usualFunctions().on('router', () => ({ statusCode: 401 }));
  await (await bench.start(spec, functions)).refused();
  expect(lines).toEqual(['$connect 401']);
});

test('APIGW-92 unknown variables are a dash, and quoted messages are quoted', () => {
  const context = { routeKey: 'a', authorizer: { tenant: 'acme' } } as unknown as RequestContext;
  const line = (format: string) => formatAccessLine(format, { context, status: 500, errorMessage: 'a "b"' });
  expect(line('$context.nothing $context.routeKey.length $context.authorizer $context.constructor')).toBe('- - - -');
  expect(line('$context.authorizer.tenant,$context.status')).toBe('acme,500');
  expect(line('{"e":$context.error.messageString}')).toBe('{"e":"a \\"b\\""}');
});
