import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { CredentialBook, EntryPoint, readBody, Signatures } from '../../../../local/emulator/http';
import { type LogEvent, systemClock } from '../../../../local/emulator/types';

const book = new CredentialBook();
const events: LogEvent[] = [];
let entryPoint: EntryPoint;

beforeEach(() => {
  events.length = 0;
  entryPoint = new EntryPoint({ log: (event) => events.push(event), verifier: new Signatures(book, systemClock) });
});

afterEach(async () => entryPoint.close());

/** Listens on a port and mounts everything. */
async function listen(port: number, host: string): Promise<number> {
  const listening = await entryPoint.listen(port, host);
  entryPoint.open();
  return listening;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

function ask(port: number, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path, headers }, (res) => {
      let body = '';
      res.on('data', (chunk) => {
        body += String(chunk);
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, body }));
    });
    req.on('error', reject);
    req.end();
  });
}

test('a handler gets the path without its mount path, and the longest mount path has precedence', async () => {
  entryPoint.mount('', 'own-pages', (req, res) => void res.end(`pages ${req.url}`));
  entryPoint.mount('/_aws/s3', 'own-pages', (req, res) => void res.end(`s3 ${req.url}`));
  entryPoint.mount('/_aws', 'own-pages', (req, res) => void res.end(`other ${req.url}`));
  const port = await listen(0, '127.0.0.1');

  expect((await ask(port, '/_aws/s3/bucket/key?x=1')).body).toBe('s3 /bucket/key?x=1');
  expect((await ask(port, '/_aws/s3')).body).toBe('s3 /');
  expect((await ask(port, '/_aws/s3?list')).body).toBe('s3 /?list');
  expect((await ask(port, '/_aws/s3x')).body).toBe('other /s3x');
  expect((await ask(port, '/index.html')).body).toBe('pages /index.html');
});

test('requests and upgrades wait until the server is open', async () => {
  const port = await entryPoint.listen(0, '127.0.0.1');
  const answer = ask(port, '/late');
  const upgraded = ask(port, '/socket', { connection: 'upgrade', upgrade: 'websocket' });
  // if the requests did not wait, both would be refused within this time
  await pause(50);
  entryPoint.mount('/late', 'own-pages', (_req, res) => void res.end('served'));
  entryPoint.mountUpgrade('/socket', (_req, socket) =>
    socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n'),
  );
  entryPoint.open();
  expect(await answer).toEqual({ status: 200, body: 'served' });
  expect(await upgraded).toMatchObject({ status: 401 });
});

test('a request that its client aborts is logged with its whole path, and not as an error', async () => {
  const received = new Promise<void>((resolve) => {
    entryPoint.mount('/_aws/token', 'programs', async (req) => {
      resolve();
      await readBody(req, 1_000);
    });
  });
  const port = await listen(0, '127.0.0.1');
  const req = request({
    host: '127.0.0.1',
    port,
    path: '/_aws/token?x=1',
    method: 'POST',
    headers: { 'content-length': 10 },
  });
  req.on('error', () => undefined);
  req.write('{');
  await received;
  req.destroy();
  while (events.length === 0) await pause(5);
  expect(events).toEqual([{ source: 'run', level: 'info', message: 'a client aborted its request to /_aws/token' }]);
});

test('the failure of a handler is logged with the whole path of the request', async () => {
  entryPoint.mount('/_aws/outputs', 'programs', () => Promise.reject(new Error('no outputs')));
  expect((await ask(await listen(0, '127.0.0.1'), '/_aws/outputs')).status).toBe(500);
  expect(events).toMatchObject([{ level: 'error', message: 'a request to /_aws/outputs failed' }]);
});

test('a request that no handler accepts is answered with 404', async () => {
  entryPoint.mount('/here', 'own-pages', (_req, res) => void res.end());
  expect((await ask(await listen(0, '127.0.0.1'), '/there')).status).toBe(404);
});

test('a request under a name that is not of this machine is refused', async () => {
  entryPoint.mount('', 'own-pages', (_req, res) => void res.end('secret'));
  const port = await listen(0, '127.0.0.1');

  expect(await ask(port, '/', { host: 'evil.example' })).toMatchObject({ status: 403 });
  expect(await ask(port, '/', { host: `evil.example:${port}` })).toMatchObject({ status: 403 });
  expect(await ask(port, '/', { host: '127.0.0.1.evil.example' })).toMatchObject({ status: 403 });
  expect(await ask(port, '/', { host: `localhost:${port}` })).toMatchObject({ status: 200, body: 'secret' });
});

test('a handler that fails is answered with 500 without the reason, which is in the log', async () => {
  entryPoint.mount('/x', 'own-pages', () => {
    throw new Error('the reason');
  });
  const answer = await ask(await listen(0, '127.0.0.1'), '/x/y');

  expect(answer).toEqual({ status: 500, body: '{"message":"internal error"}' });
  expect(events).toMatchObject([{ level: 'error', detail: expect.stringContaining('the reason') as string }]);
});

test('an upgrade that no handler accepts is refused', async () => {
  const port = await listen(0, '127.0.0.1');
  const headers = { connection: 'Upgrade', upgrade: 'websocket' };
  entryPoint.mountUpgrade('/v1', (_req, socket) => socket.destroy());
  expect((await ask(port, '/nowhere?token=secret', headers)).status).toBe(403);
  expect(events).toMatchObject([
    { source: 'gateway', level: 'warn', message: 'handshake at /nowhere: 403, a WebSocket API is at /v1' },
  ]);
});

test('the server closes even if a client continues to send after its upgrade was refused', async () => {
  const port = await listen(0, '127.0.0.1');
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined).resume();
  socket.write('GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  socket.write(Buffer.alloc(1_000_000));
  await once(socket, 'close');
  await entryPoint.close();
  entryPoint = new EntryPoint({ log: () => undefined });
});

describe('with a port in use', () => {
  let other: Server;

  afterEach(() => other.close());

  test('the next free port is used, and the log reports it', async () => {
    other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const busy = (other.address() as AddressInfo).port;

    const port = await listen(busy, '127.0.0.1');

    expect(port).toBeGreaterThan(busy);
    expect(port).toBeLessThanOrEqual(busy + 20);
    expect(events[0]?.message).toBe(`port ${busy} is in use, trying ${busy + 1}`);
  });
});
