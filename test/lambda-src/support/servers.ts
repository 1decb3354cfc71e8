import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A loopback server that records what it receives, and answers as the test specifies. It can also leave a request unanswered. */
export class TestServer {
  public readonly received: Received[] = [];
  private readonly server: Server;

  public constructor(answer: (received: Received, response: ServerResponse, count: number) => void | Promise<void>) {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url: path = '', headers } = request;
        const received = { method, path, headers, body: Buffer.concat(chunks).toString() };
        this.received.push(received);
        void answer(received, response, this.received.length);
      });
    });
  }

  public async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Passes requests on to another server. For each answer, `deliver` decides whether it arrives or its connection is cut. */
export function proxyTo(url: () => string, deliver: (received: Received, count: number) => boolean): TestServer {
  return new TestServer(async (received, response, count) => {
    const { host, connection, ...headers } = received.headers as Record<string, string>;
    const answer = await fetch(url() + received.path, { method: received.method, headers, body: received.body });
    const body = Buffer.from(await answer.arrayBuffer());
    if (!deliver(received, count)) return void response.destroy();
    const kept = [...answer.headers].filter(([name]) => name.startsWith('x-') || name === 'content-type');
    response.writeHead(answer.status, Object.fromEntries(kept)).end(body);
  });
}
