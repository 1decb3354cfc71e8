import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { type ActionsOf, StreamerClient, type TokenSource, visitorToken } from 'cdk-streamer-client';
import { createStreamerServer } from 'cdk-streamer-client/server';
import WebSocket from 'ws';
import { type LocalRun, startLocalRun } from '../../../local/run';
import { anywhereApp } from './app';

export type Actions = ActionsOf<{
  echo: typeof import('../fixture/handlers/echo');
  relay: typeof import('./handlers/relay');
  steps: typeof import('../fixture/handlers/steps');
}>;

/** Data of a visitor that a browser stores. */
export class Storage extends Map<string, string> {
  public getItem = (key: string) => this.get(key) ?? null;
  public setItem = (key: string, value: string) => void this.set(key, value);
}

/** The fixture's app, synthesized and run as `cdk-streamer dev` does. */
export class AnywhereRun {
  private readonly clients: StreamerClient<Actions>[] = [];

  private constructor(
    private readonly dir: string,
    public readonly local: LocalRun,
    public readonly lambda: LambdaClient,
  ) {}

  public static async start(): Promise<AnywhereRun> {
    const dir = mkdtempSync(join(tmpdir(), 'streamer-anywhere-'));
    anywhereApp(dir).synth();
    const runtimeClient = join(__dirname, '../../../lib/local/runtime-client.js');
    const local = await startLocalRun({ assemblyDir: dir, port: 0, log: () => undefined, runtimeClient });
    const lambda = new LambdaClient({
      endpoint: `${local.endpoint}/_aws/lambda`,
      region: 'us-east-1',
      credentials: local.credentials,
    });
    return new AnywhereRun(dir, local, lambda);
  }

  public get visitorsUrl(): string {
    return this.local.outputs.Anywhere.VisitorsUrl;
  }

  public get ticketsUrl(): string {
    return this.local.outputs.Anywhere.TicketsUrl;
  }

  public get submitFunction(): string {
    return this.local.physicalName('Visitors/Submitter/Function');
  }

  public visitor(storage = new Storage()): StreamerClient<Actions> {
    return this.client(this.visitorsUrl, visitorToken({ storage }));
  }

  /** Creates a client. Its ticket becomes the context of its connection. */
  public ticket(context: object): StreamerClient<Actions> {
    return this.client(`${this.ticketsUrl}?ticket=${encodeURIComponent(JSON.stringify(context))}`, 'unused');
  }

  public server() {
    return createStreamerServer<Actions>({ functionName: this.submitFunction, lambda: this.lambda });
  }

  /** Returns the status of a handshake: 101, or the status of the refusal. */
  public handshake(url: string, protocols: string[], headers: Record<string, string> = {}): Promise<number> {
    const socket = new WebSocket(url, protocols, { headers });
    return new Promise((resolve) => {
      socket.on('error', () => undefined);
      socket.on('unexpected-response', (_request, { statusCode = 0 }) => resolve(statusCode));
      socket.on('open', () => {
        socket.terminate();
        resolve(101);
      });
    });
  }

  public async close(): Promise<void> {
    for (const client of this.clients) client.close();
    this.lambda.destroy();
    await this.local.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  private client(url: string, token: TokenSource): StreamerClient<Actions> {
    const client = new StreamerClient<Actions>(url, { token, webSocket: WebSocket as never });
    this.clients.push(client);
    return client;
  }
}
