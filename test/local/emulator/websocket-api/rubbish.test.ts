import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { apiSpec, GatewayBench, type RunningGateway, usualFunctions } from './support';

const bench = new GatewayBench();
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await bench.clear();
});

const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const UPGRADE =
  'GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13';
const HANDSHAKE = `${UPGRADE}\r\n${KEY}\r\n\r\n`;

function post(path: string, headers: string, body = ''): string {
  return `POST ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n${body}`;
}

/** Builds a masked frame from its first byte, its length field and its payload. */
function frame(first: number, length: number[], payload: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.from([first, ...length, 0, 0, 0, 0]), payload]);
}

/** Bytes that a client sends instead of a handshake, or after it. The server must answer or close the socket. */
const RUBBISH: [string, (string | Buffer)[]][] = [
  ['random bytes', [randomBytes(4096)]],
  ['a TLS hello', [Buffer.from('16030100a5010000a10303', 'hex'), randomBytes(160)]],
  ['a line without HTTP', ['HELO there\r\n\r\n']],
  ['a header of 100 KB', [`GET /live HTTP/1.1\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`]],
  ['five thousand headers', [`GET /live HTTP/1.1\r\n${'A: b\r\n'.repeat(5000)}\r\n`]],
  ['a path that is not a URL', [HANDSHAKE.replace('/live', '//[')]],
  ['a path of NUL and percent signs', [HANDSHAKE.replace('/live', '/%00%zz%')]],
  ['a query that is not UTF-8', [HANDSHAKE.replace('/live', '/live?%ff=%'), frame(0x88, [0x80])]],
  ['a handshake without a key', [`${UPGRADE}\r\n\r\n`]],
  ['a handshake of version 99', [HANDSHAKE.replace(': 13', ': 99')]],
  ['a handshake by POST', [HANDSHAKE.replace('GET', 'POST')]],
  ['a subprotocol header of commas', [HANDSHAKE.replace('\r\n\r\n', '\r\nSec-WebSocket-Protocol: ,,,\r\n\r\n')]],
  ['an upgrade to something else', [HANDSHAKE.replace('websocket', 'h2c')]],
  ['an unmasked frame', [HANDSHAKE, Buffer.from([0x81, 0x01, 0x61])]],
  ['a frame with reserved bits', [HANDSHAKE, frame(0xf1, [0x80])]],
  ['an unknown opcode', [HANDSHAKE, frame(0x83, [0x80])]],
  ['a continuation of nothing', [HANDSHAKE, frame(0x80, [0x80])]],
  ['a ping of 126 bytes', [HANDSHAKE, frame(0x89, [0xfe, 0, 126], Buffer.alloc(126))]],
  ['a frame that announces 2^63 bytes', [HANDSHAKE, frame(0x81, [0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255])]],
  ['text that is not UTF-8', [HANDSHAKE, frame(0x81, [0x82], Buffer.from([0xc3, 0x28]))]],
  ['a close code of 0', [HANDSHAKE, frame(0x88, [0x82], Buffer.from([0, 0]))]],
  ['random bytes after the handshake', [HANDSHAKE, Buffer.from([0xff]), randomBytes(65_536)]],
  ['@connections of nothing', [post('/live/@connections/', 'Authorization: AWS4-HMAC-SHA256 x\r\nConnection: close')]],
  ['a body that never was promised', [post('/live/@connections/x', 'Content-Length: -1', 'abc')]],
];

test.each(RUBBISH)('APIGW-80 %s has no effect on other clients', async (_what, parts) => {
  const { running, bystander } = await withBystander();
  const socket = open(running);
  for (const part of parts) socket.write(part);
  await ended(socket);
  bystander.send({ action: 'echo' });
  expect(await bystander.frame()).toBe('echo {"action":"echo"}');
  expect(running.gateway.connections()).toHaveLength(1);
  expect(bench.logs.filter(({ level }) => level === 'error')).toEqual([]);
});

test.each([
  ['half a request line', 'GET /li'],
  ['headers without an end', 'GET /live HTTP/1.1\r\nUpgrade: websocket\r\n'],
  ['a frame without its payload', `${HANDSHAKE}`, frame(0x81, [0xfe, 0x10, 0x00])],
  ['a post without its body', post('/live/@connections/x', 'Authorization: AWS4-HMAC-SHA256 x\r\nContent-Length: 10')],
])('APIGW-81 a client that stops after %s blocks no other client, and may disappear', async (_what, ...parts) => {
  const { running, bystander } = await withBystander();
  const socket = open(running);
  for (const part of parts) socket.write(part);
  bystander.send({ action: 'echo' });
  expect(await bystander.frame()).toBe('echo {"action":"echo"}');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.resetAndDestroy();
  await closed;
  bystander.send({ action: 'echo' });
  expect(await bystander.frame(2)).toBe('echo {"action":"echo"}');
});

async function withBystander() {
  const running = await bench.start(apiSpec(), usualFunctions());
  return { running, bystander: await running.connect() };
}

function open(running: RunningGateway): Socket {
  const [host = '', port = ''] = running.host.split(':');
  const socket = connect(Number(port), host);
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

/** Resolves when the server has closed the connection, with or without an answer. */
function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.resume();
    socket.once('end', () => socket.end());
    socket.once('close', () => resolve());
  });
}
