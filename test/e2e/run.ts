import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ActionsOf, StreamerClient, type StreamerClientOptions } from 'cdk-streamer-client';
import WebSocket from 'ws';
import { InputExamples } from '../../local/dev';
import type { LogEvent } from '../../local/emulator/types';
import { type LocalRun, startLocalRun } from '../../local/run';
import { DEV_CONTEXT } from '../../src/contract';
import { fixtureApp } from './fixture/app';

export type Actions = ActionsOf<{
  echo: typeof import('./fixture/handlers/echo');
  steps: typeof import('./fixture/handlers/steps');
}>;

/** The fixture's app, synthesized and run as `cdk-streamer dev` does. */
export interface E2eRun {
  readonly local: LocalRun;
  readonly log: LogEvent[];
  token(claims?: { sub?: string; tenant?: string; expiresInSeconds?: number }): Promise<string>;
  client(claims?: { sub?: string; tenant?: string }, options?: Partial<StreamerClientOptions>): StreamerClient<Actions>;
  /** Opens a plain socket with the token in the same header as the client. */
  socket(token?: string): WebSocket;
  close(): Promise<void>;
}

const RUNTIME_CLIENT = join(__dirname, '../../lib/local/runtime-client.js');

export async function startE2e(): Promise<E2eRun> {
  const dir = mkdtempSync(join(tmpdir(), 'streamer-e2e-'));
  fixtureApp(dir, { [DEV_CONTEXT]: true }).synth();
  const examples = new InputExamples();
  const log: LogEvent[] = [];
  const local = await startLocalRun({
    assemblyDir: dir,
    port: 0,
    log: (event) => log.push(event),
    runtimeClient: RUNTIME_CLIENT,
    inputExample: (action) => examples.of(action),
  });
  examples.use(local.functions);
  const clients: StreamerClient<Actions>[] = [];
  const sockets: WebSocket[] = [];
  const url = String(local.url);
  const token = (claims: { sub?: string; tenant?: string; expiresInSeconds?: number } = {}) =>
    (local.issuer as NonNullable<LocalRun['issuer']>).issueToken({ sub: 'ann', tenant: 'acme', ...claims });

  return {
    local,
    log,
    token,
    client(claims, options) {
      const client = new StreamerClient<Actions>(url, {
        token: () => token(claims),
        webSocket: WebSocket as never,
        ...options,
      });
      clients.push(client);
      return client;
    },
    socket(bearer) {
      const protocols = [
        'streamer.v1',
        ...(bearer === undefined ? [] : [`bearer.${Buffer.from(bearer).toString('base64url')}`]),
      ];
      const socket = new WebSocket(url, protocols);
      socket.on('error', () => undefined);
      sockets.push(socket);
      return socket;
    },
    async close() {
      for (const client of clients) client.close();
      for (const socket of sockets) socket.terminate();
      await examples.close();
      await local.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/**
 * Polls until a condition is true, because it depends on other processes. The time limit is only for conditions that
 * never become true.
 */
export async function until<T>(what: string, probe: () => T | undefined | false, timeoutMs = 150_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = probe();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms without success: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
