import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

type Frame = { type: string; id: string; offset?: number } & Record<string, unknown>;

/**
 * A WebSocket server on the loopback interface whose behaviour a test defines. It exists to show that the client works with real sockets. Scenarios
 * and the local run show how a Streamer server behaves. `answer` gets each message and its connection.
 */
export class TinyServer {
  readonly offered: string[] = [];
  readonly closes: number[] = [];
  private constructor(
    private readonly server: WebSocketServer,
    readonly url: string,
  ) {}

  static async start(
    answer: (message: Frame, connection: WebSocket, nth: number) => void,
    refuse?: () => number | undefined,
  ): Promise<TinyServer> {
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port: 0,
      handleProtocols: (offered) => (offered.has('streamer.v1') ? 'streamer.v1' : false),
      verifyClient: (_, done) => {
        const status = refuse?.();
        done(status === undefined, status);
      },
    });
    await once(server, 'listening');
    const tiny = new TinyServer(server, `ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    let connections = 0;
    server.on('connection', (connection, request) => {
      const nth = ++connections;
      tiny.offered.push(request.headers['sec-websocket-protocol'] ?? '');
      connection.on('close', (code) => tiny.closes.push(code));
      connection.on('message', (data) => answer(JSON.parse(String(data)), connection, nth));
    });
    return tiny;
  }

  get connections(): number {
    return this.server.clients.size;
  }

  /** Resolves when the last client has disconnected. */
  async idle(): Promise<void> {
    await Promise.all([...this.server.clients].map((client) => once(client, 'close')));
  }

  async stop(): Promise<void> {
    for (const client of this.server.clients) client.terminate();
    this.server.close();
    await once(this.server, 'close');
  }
}

export const send = (connection: WebSocket, frame: object): void => connection.send(JSON.stringify(frame));
