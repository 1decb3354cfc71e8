import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { buildSync } from 'esbuild';
import type * as Client from '../../../client-sdks/typescript/src';

/** Runs the bundle where globals of Node.js are missing: in a context of `vm`, which has only the globals of the language. */

const SOURCES = join(__dirname, '../../../client-sdks/typescript/src');
const [main, server] = ['index.ts', 'server/index.ts'].map((entry) => bundle(join(SOURCES, entry))) as [string, string];

function bundle(entry: string): string {
  const { outputFiles } = buildSync({
    absWorkingDir: SOURCES,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'client',
    platform: 'neutral',
    target: 'es2022',
    external: ['@aws-sdk/*'],
  });
  return outputFiles[0]?.text ?? '';
}

/** A WebSocket whose server echoes the inputs. */
class EchoSocket {
  static readonly opened: EchoSocket[] = [];
  protocol = 'streamer.v1';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly sent: { type: string; id: string; input: unknown }[] = [];

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    EchoSocket.opened.push(this);
    queueMicrotask(() => this.onopen?.());
  }

  send(text: string): void {
    const message = JSON.parse(text);
    this.sent.push(message);
    const { id, type, input } = message;
    const answer = type === 'request' ? { type: 'response', id, result: input } : { type: 'pong' };
    queueMicrotask(() => this.onmessage?.({ data: JSON.stringify(answer) }));
  }

  close(): void {}
}

const timers = () => ({ setTimeout, clearTimeout });

/**
 * Returns the globals of React Native without polyfills: a `window` without events, an incomplete `URL`, and no `crypto`, `btoa` or `TextEncoder`.
 */
function reactNative() {
  class URL {
    get protocol(): never {
      throw new Error('URL.protocol is not implemented');
    }
  }
  const globals: Record<string, unknown> = { ...timers(), WebSocket: EchoSocket, URL, console };
  return Object.assign(globals, { window: globals, navigator: { product: 'ReactNative' } });
}

/** Returns the globals of jest's environment jsdom: those of a page, without `TextEncoder`. */
function jsdom() {
  const target = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const events = {
    addEventListener: jest.fn(target.addEventListener.bind(target)),
    removeEventListener: target.removeEventListener.bind(target),
  };
  const globals: Record<string, unknown> = { ...timers(), ...events, WebSocket: EchoSocket, document, console };
  return Object.assign(globals, { window: globals, navigator: { onLine: true }, crypto, btoa });
}

function worker() {
  const target = new EventTarget();
  return {
    ...timers(),
    WebSocket: EchoSocket,
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
    navigator: { onLine: true },
    crypto,
    fire: (type: string) => target.dispatchEvent(new Event(type)),
  };
}

function load(globals: object, code = main): typeof Client {
  const context = createContext(globals);
  return runInContext(`${code}\nclient;`, context) as typeof Client;
}

const clients: Client.StreamerClient[] = [];
function clientIn(globals: object, token: Client.TokenSource = 'token'): Client.StreamerClient {
  const { StreamerClient } = load(globals);
  const client = new StreamerClient('wss://streamer.example.com/v1', { token });
  clients.push(client);
  return client;
}

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  EchoSocket.opened.splice(0);
});

test.each([
  ['main', main],
  ['server', server],
])('Importing the %s entry has no effect and needs no globals of a platform', (_, code) => {
  const used: string[] = [];
  const globals = new Proxy({} as Record<string, unknown>, {
    set: (target, name, value) => {
      used.push(String(name));
      target[String(name)] = value;
      return true;
    },
  });
  expect(Object.keys(load(globals, code)).length).toBeGreaterThan(1);
  expect(used.filter((name) => name !== 'client')).toEqual([]);
});

test('Importing the client in a page adds no listeners', () => {
  const globals = jsdom();
  load(globals);
  expect(globals.addEventListener).not.toHaveBeenCalled();
});

test.each([
  ['React Native', reactNative],
  ['jsdom', jsdom],
  ['a worker', worker],
  ['a platform with timers and a WebSocket', () => ({ ...timers(), WebSocket: EchoSocket })],
])('A request is answered in %s', async (_, platform) => {
  const client = clientIn(platform());
  await expect(client.request('echo', { text: 'grüße 👋', at: new Date(0) })).resolves.toEqual({
    text: 'grüße 👋',
    at: '1970-01-01T00:00:00.000Z',
  });
  const [socket] = EchoSocket.opened;
  expect(socket?.protocols).toEqual(['streamer.v1', `bearer.${Buffer.from('token').toString('base64url')}`]);
  expect(socket?.sent[0]?.id).toMatch(/^[0-9a-f]{32}$/);
});

test('In a worker, the connection is replaced as soon as the network is available again', async () => {
  const globals = worker();
  const client = clientIn(globals);
  await client.request('echo', 0);
  globals.fire('offline');
  expect(client.state).toBe('disconnected');
  const answer = client.request('echo', 1);
  globals.fire('online');
  await expect(answer).resolves.toBe(1);
  expect(EchoSocket.opened).toHaveLength(2);
});

test("Without a source of randomness, the error of a visitor's token names a polyfill", async () => {
  const globals = reactNative();
  const { StreamerClient, visitorToken } = load(globals);
  const client = new StreamerClient('wss://streamer.example.com', { token: visitorToken() });
  clients.push(client);
  await expect(client.connect()).rejects.toMatchObject({
    name: 'StreamerError',
    code: 'UNAUTHORIZED',
    cause: expect.objectContaining({ message: expect.stringContaining('react-native-get-random-values') }),
  });
});

test('Without a WebSocket, the error names the package to install', () => {
  expect(() => clientIn(timers())).toThrow(expect.objectContaining({ code: 'CONNECT_FAILED' }));
});
