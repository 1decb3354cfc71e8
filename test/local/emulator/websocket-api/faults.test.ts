import {
  GoneException,
  LimitExceededException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { FaultyConnection, GatewayFaults } from '../../../../local/emulator/websocket-api';
import { FakeClock } from '../../../fakes/fake-clock';
import { apiSpec, GatewayBench, usualFunctions } from './support';

const bench = new GatewayBench();
afterEach(() => bench.clear());

const NONE: GatewayFaults = {
  refuses: () => false,
  onOpen: () => undefined,
  onPost: () => undefined,
  losesDisconnect: () => false,
};

async function connected(faults: Partial<GatewayFaults> = {}) {
  const clock = new FakeClock();
  const functions = usualFunctions();
  let connection: FaultyConnection | undefined;
  const onOpen = (opened: FaultyConnection) => {
    connection = opened;
  };
  const running = await bench.start(apiSpec(), functions, { clock, faults: { ...NONE, onOpen, ...faults } });
  const client = await running.connect();
  const ConnectionId = running.gateway.connections()[0]?.connectionId ?? '';
  const sdk = running.management();
  const post = (Data: string) => sdk.send(new PostToConnectionCommand({ ConnectionId, Data })).catch((error) => error);
  return { clock, functions, running, client, post, connection: connection as unknown as FaultyConnection };
}

test('a handshake is refused with 503', async () => {
  const running = await bench.start(apiSpec(), usualFunctions(), { faults: { ...NONE, refuses: () => true } });
  expect(await running.refused()).toMatchObject({ status: 503 });
});

test('posts to a hidden connection answer 410 until its time has passed', async () => {
  const { post, connection, clock, client } = await connected();
  connection.hide(100);
  expect(await post('early')).toBeInstanceOf(GoneException);
  clock.advance(100);
  await post('late');
  expect(await client.frame()).toBe('late');
});

test('posts to a full connection answer 429 until its time has passed, and the connection stays open', async () => {
  const { post, connection, clock, client } = await connected();
  connection.fill(100);
  expect(await post('early')).toBeInstanceOf(LimitExceededException);
  clock.advance(100);
  await post('late');
  expect(await client.frame()).toBe('late');
});

test('a post is throttled', async () => {
  const { post } = await connected({ onPost: () => 'throttle' });
  expect(await post('x')).toBeInstanceOf(LimitExceededException);
});

test('a post succeeds although its frame is lost', async () => {
  const lost: ('lose' | undefined)[] = ['lose', undefined];
  const { post, client } = await connected({ onPost: () => lost.shift() });
  expect(await post('first')).not.toBeInstanceOf(Error);
  await post('second');
  expect(await client.frame()).toBe('second');
});

test('a muted connection discards the frames of both sides, and posts succeed', async () => {
  const { post, connection, client, functions } = await connected();
  connection.mute();
  client.send({ action: 'quiet' });
  expect(await post('x')).not.toBeInstanceOf(Error);
  connection.drop();
  await client.closed;
  expect(client.frames).toEqual([]);
  expect(functions.events('quiet')).toEqual([]);
});

test('a connection that is cut has no close frame', async () => {
  const { connection, client, functions } = await connected();
  connection.drop();
  expect(await client.closed).toMatchObject({ code: 1006 });
  await functions.event('bye');
});

test('the end of a connection is not reported', async () => {
  let ends = 0;
  const { client, functions, running } = await connected({
    losesDisconnect: () => {
      ends += 1;
      return true;
    },
  });
  client.socket.close(1000);
  await client.closed;
  await running.gateway.close();
  expect(ends).toBe(1);
  expect(functions.events('bye')).toEqual([]);
});
