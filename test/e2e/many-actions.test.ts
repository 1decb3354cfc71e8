import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';
import { StreamerClient, visitorToken } from 'cdk-streamer-client';
import WebSocket from 'ws';
import { type LocalRun, startLocalRun } from '../../local/runner';

/** 60 async and 20 isolated actions in nested stacks, run as `cdk-streamer dev` would. */

const ASYNC = Array.from({ length: 60 }, (_, at) => `job_${at}`);
const ISOLATED = Array.from({ length: 20 }, (_, at) => `quote_${at}`);

let dir: string;
let local: LocalRun;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'streamer-many-'));
  const app = new App({ outdir: dir });
  new StreamerApi(new Stack(app, 'Many'), 'Streamer', {
    projectRoot: join(__dirname, 'fixture'),
    auth: StreamerAuth.none(),
    handlerStacks: 3,
    handlers: Object.fromEntries([
      ...ASYNC.map((action) => [action, StreamerHandler.async('handlers/steps.ts')]),
      ...ISOLATED.map((action) => [action, StreamerHandler.sync('handlers/echo.ts', { isolated: true })]),
    ]),
  });
  app.synth();
  local = await startLocalRun({
    assemblyDir: dir,
    port: 0,
    log: () => undefined,
    runtimeClient: join(__dirname, '../../lib/local/runtime-client.js'),
  });
}, 180_000);
afterAll(async () => {
  await local?.close();
  rmSync(dir, { recursive: true, force: true });
});

test('actions of each nested stack are served', async () => {
  const client = new StreamerClient(String(local.url), {
    token: visitorToken(),
    webSocket: WebSocket as never,
  });
  try {
    const asked = ['job_0', 'job_23', 'job_42', 'job_59'].map((action) =>
      client.request(action as never, { steps: 2 } as never),
    );
    await expect(Promise.all(asked)).resolves.toHaveLength(4);
    const quoted = ['quote_0', 'quote_7', 'quote_19'].map((action) =>
      client.request(action as never, { text: 'hello' } as never),
    );
    await expect(Promise.all(quoted)).resolves.toHaveLength(3);
  } finally {
    client.close();
  }
});
