import {
  type ConnectionState,
  type StateDetail,
  StreamerClient,
  type StreamerClientOptions,
  type StreamerError,
} from '../../../../client-sdks/typescript/src';
import { FakeNetwork } from './fake-socket';
import { settled, VirtualClock } from './virtual-clock';

export const TOKEN = 'secret-token-that-must-not-leak';

/** Creates a client on a fake network, and records everything that it does. */
function setUp(options: Partial<StreamerClientOptions> = {}, url = 'wss://streamer.example.com') {
  const clock = new VirtualClock();
  const network = new FakeNetwork();
  const states: [ConnectionState, StateDetail][] = [];
  const thrown: unknown[] = [];
  const wakers = new Set<() => void>();
  let ids = 0;
  const client = new StreamerClient(url, {
    token: TOKEN,
    webSocket: network.webSocket,
    clock,
    random: () => 0.5,
    newId: () => `r-${++ids}`,
    onStateChange: (state, detail) => states.push([state, detail]),
    onListenerError: (error) => thrown.push(error),
    wake: (callback) => {
      wakers.add(callback);
      return () => void wakers.delete(callback);
    },
    ...options,
  });
  return { client, clock, network, states, thrown, wakers, wake: () => [...wakers].map((waker) => waker()) };
}
export type World = ReturnType<typeof setUp>;

const worlds: World[] = [];
export function start(options: Partial<StreamerClientOptions> = {}, url?: string): World {
  const world = setUp(options, url);
  worlds.push(world);
  return world;
}

/** After each test, the client is closed. Then no timer and no open socket may remain. */
afterEach(async () => {
  for (const { client, clock, wakers } of worlds.splice(0)) {
    client.close();
    await settled();
    expect({ timers: clock.pending, wakers: wakers.size }).toEqual({ timers: 0, wakers: 0 });
  }
});

export async function connected(options: Partial<StreamerClientOptions> = {}, url?: string): Promise<World> {
  const world = start(options, url);
  const connect = world.client.connect();
  await settled();
  world.network.newest.accept();
  await connect;
  world.network.records.splice(0);
  return world;
}

/** Returns the error with which a promise rejects. */
export const failureOf = (promise: Promise<unknown>): Promise<StreamerError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error) => error,
  );
