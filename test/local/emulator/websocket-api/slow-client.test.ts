import { GoneException, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { apiSpec, GatewayBench, usualFunctions } from './support';

const bench = new GatewayBench();
afterEach(() => bench.clear());

const ANSWER = 'x'.repeat(96 * 1024);
const MESSAGES = 3000;

test('APIGW-93 a client that reads none of its answers is disconnected, and its buffer is limited', async () => {
  let sentBytes = 0;
  const onFrame = (_connection: unknown, direction: 'in' | 'out', text: string) => {
    if (direction === 'out') sentBytes += text.length;
  };
  const functions = usualFunctions().on('echo', () => ({ statusCode: 200, body: ANSWER }));
  const running = await bench.start(apiSpec(), functions, { observer: { onFrame, onClosed: () => undefined } });
  const client = await running.connect();
  const ConnectionId = String(running.gateway.connections()[0]?.connectionId);
  client.socket.pause();
  for (let n = 0; n < MESSAGES; n++) client.send({ action: 'echo', n });

  const { requestContext } = await functions.event('bye');
  expect(requestContext).toMatchObject({ disconnectStatusCode: 1006 });
  expect(running.gateway.connections()).toEqual([]);
  // the buffers of both ends of the socket in the kernel, the gateway's 4 MiB, and one answer
  expect(sentBytes).toBeLessThan(32 * 1024 * 1024);
  expect(sentBytes).toBeGreaterThan(4 * 1024 * 1024);
  const post = running.management().send(new PostToConnectionCommand({ ConnectionId, Data: 'late' }));
  await expect(post).rejects.toBeInstanceOf(GoneException);
});
