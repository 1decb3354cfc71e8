import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { buildSync } from 'esbuild';
import WebSocket from 'ws';
import type { LogEvent } from '../../../local/emulator/types';

/** Folder of one test file. It also contains the bundled runtime client. */
export class TestFolder {
  public readonly root = mkdtempSync(path.join(tmpdir(), 'runner-test-'));

  public path(...names: string[]): string {
    return path.join(this.root, ...names);
  }

  /** Bundles the client that runs in each function's process, in the same way as the package. */
  public runtimeClient(): string {
    const outfile = this.path('runtime-client.js');
    const entry = path.join(__dirname, '../../../local/emulator/lambda/runtime-client.ts');
    buildSync({ entryPoints: [entry], bundle: true, platform: 'node', target: 'node20', outfile });
    return outfile;
  }

  public remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Records the log lines of a run. A test can wait for a line. */
export class Listener {
  public readonly events: LogEvent[] = [];
  private readonly waiting = new Set<() => void>();

  public readonly log = (event: LogEvent): void => {
    this.events.push(event);
    for (const check of this.waiting) check();
  };

  public lines(): string[] {
    return this.events.map(({ source, message }) => `${source}: ${message}`);
  }

  /** Resolves when another line is logged. */
  public nextEvent(): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        this.waiting.delete(check);
        resolve();
      };
      this.waiting.add(check);
    });
  }

  /** Resolves with the first line that matches, among earlier and later lines. */
  public line(pattern: RegExp): Promise<string> {
    return new Promise((resolve) => {
      const check = () => {
        const found = this.lines().find((line) => pattern.test(line));
        if (found === undefined) return;
        this.waiting.delete(check);
        resolve(found);
      };
      this.waiting.add(check);
      check();
    });
  }
}

type Message = Readonly<Record<string, unknown>>;

/** A client that keeps its messages until the test reads them. */
export class Client {
  private readonly inbox: Message[] = [];
  private readonly takers: ((message: Message) => void)[] = [];

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message;
      const taker = this.takers.shift();
      if (taker) taker(message);
      else this.inbox.push(message);
    });
  }

  /**
   * Opens a connection.
   *
   * @throws Error `Unexpected server response: 403` if it is refused
   */
  public static async connect(url: string, headers: Record<string, string> = {}): Promise<Client> {
    const socket = new WebSocket(url, { headers });
    const client = new Client(socket);
    await once(socket, 'open');
    return client;
  }

  public send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  public next(): Promise<Message> {
    const message = this.inbox.shift();
    return message ? Promise.resolve(message) : new Promise((resolve) => this.takers.push(resolve));
  }

  /** Resolves with the close code of the server. */
  public async closed(): Promise<number> {
    const [code] = (await once(this.socket, 'close')) as [number];
    return code;
  }

  public async close(): Promise<void> {
    const closed = this.closed();
    this.socket.close();
    await closed;
  }
}
