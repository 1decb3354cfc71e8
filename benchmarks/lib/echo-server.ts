import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/** A bare WebSocket server that sends each message back. It shows the shortest possible round trip. */
export interface BareEcho {
  /** Sends a string, and waits until the server has sent it back. */
  roundTrip(text: string): Promise<void>;
  close(): Promise<void>;
}

export async function startBareEcho(): Promise<BareEcho> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (peer) => peer.on('message', (data) => peer.send(String(data))));
  await once(server, 'listening');
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(socket, 'open');
  return {
    async roundTrip(text) {
      const back = once(socket, 'message');
      socket.send(text);
      await back;
    },
    async close() {
      socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}
