import { join } from 'node:path';
import type WebSocket from 'ws';
import { type ActionsOf, StreamerClient, type WebSocketConstructor } from '../../client-sdks/typescript/src';
import { type LocalRun, type LocalRunOptions, startLocalRun } from '../../local/run';
import { ROOT } from './versions';

export type Actions = ActionsOf<{
  echo: typeof import('../fixtures/workload/echo');
  work: typeof import('../fixtures/workload/work');
}>;

/** Starts the local run of a synthesized application, as `cdk-streamer dev` does, without its output. */
export function startRun(assemblyFolder: string, options: Partial<LocalRunOptions> = {}): Promise<LocalRun> {
  return startLocalRun({
    assemblyDir: assemblyFolder,
    port: 0,
    log: () => undefined,
    runtimeClient: join(ROOT, 'lib', 'local', 'runtime-client.js'),
    ...options,
  });
}

/** Starts a local run of the assembly, passes it to the work, and stops it afterwards. */
export async function withRun<T>(assemblyFolder: string, work: (run: LocalRun) => Promise<T>): Promise<T> {
  const run = await startRun(assemblyFolder);
  try {
    return await work(run);
  } finally {
    await run.close();
  }
}

/** Connects a client of the workload's actions, passes it to the work, and closes it afterwards. */
export async function withClient<T>(
  run: LocalRun,
  webSocket: new (url: string, protocols: string[]) => WebSocket,
  work: (client: StreamerClient<Actions>) => Promise<T>,
): Promise<T> {
  const { url, issuer } = run;
  if (!url || !issuer) throw new Error('the application has no WebSocket API with tokens');
  const client = new StreamerClient<Actions>(url, {
    token: () => issuer.issueToken({ sub: 'benchmark', tenant: 'benchmark' }),
    webSocket: webSocket as unknown as WebSocketConstructor,
  });
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.close();
  }
}
