import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';
import { StreamerClient, visitorToken } from 'cdk-streamer-client';
import WebSocket from 'ws';
import { type LocalRun, startLocalRun } from '../../local/run';

/** An async action with `maxConcurrency: 1`, run as `cdk-streamer dev` does. */

interface Worked {
  readonly from: number;
  readonly to: number;
}

const dir = mkdtempSync(join(tmpdir(), 'streamer-serial-'));
let local: LocalRun;
let client: StreamerClient;

beforeAll(async () => {
  const app = new App({ outdir: dir });
  new StreamerApi(new Stack(app, 'Serial'), 'Streamer', {
    projectRoot: join(__dirname, 'fixture'),
    auth: StreamerAuth.none(),
    handlers: { alone: StreamerHandler.async('handlers/alone.ts', { maxConcurrency: 1 }) },
  });
  app.synth();
  local = await startLocalRun({
    assemblyDir: dir,
    port: 0,
    log: () => undefined,
    runtimeClient: join(__dirname, '../../lib/local/runtime-client.js'),
  });
  client = new StreamerClient(String(local.url), { token: visitorToken(), webSocket: WebSocket as never });
});
afterAll(async () => {
  client?.close();
  await local?.close();
  rmSync(dir, { recursive: true, force: true });
});

test('ten concurrent requests of an action with maxConcurrency 1 never overlap, and need one attempt each', async () => {
  const work = (n: number) =>
    client.request('alone', { n, failFirst: n === 3 }) as Promise<Worked & { attempt: number }>;
  const done = await Promise.all(Array.from({ length: 10 }, (_, n) => work(n)));

  const inOrder = [...done].sort((a, b) => a.from - b.from);
  for (const [i, { from }] of inOrder.entries()) if (i > 0) expect(from).toBeGreaterThanOrEqual(inOrder[i - 1].to);
  expect(done.map(({ attempt }) => attempt)).toEqual(done.map((_, n) => (n === 3 ? 2 : 1)));
});
