import { PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import type { GatewayObserver } from '../../../../local/emulator/websocket-api';
import { GatewayBench } from './support';

const bench = new GatewayBench();
afterEach(() => bench.clear());

/** Creates an observer that records all events in order. */
function notingObserver() {
  const seen: string[] = [];
  let closed: () => void = () => undefined;
  const end = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const observer: GatewayObserver = {
    onFrame: (_connection, direction, text) => seen.push(`${direction} ${text}`),
    onClosed: (_connection, code) => {
      seen.push(`closed ${code}`);
      closed();
    },
  };
  return { observer, seen, end };
}

test('an observer gets received frames, answers, posts and the end', async () => {
  const { observer, seen, end } = notingObserver();
  const running = await bench.start(undefined, undefined, { observer });
  const client = await running.connect();
  client.send({ action: 'echo' });
  await client.frame(1);
  const [{ connectionId }] = running.gateway.connections();
  await running.management().send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: Buffer.from('hi') }));
  await client.frame(2);
  client.socket.close(1000);
  await end;
  expect(seen).toEqual(['in {"action":"echo"}', 'out echo {"action":"echo"}', 'out hi', 'closed 1000']);
});
