import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';
import { type ActionsOf, type RequestSnapshot, StreamerClient, visitorToken } from 'cdk-streamer-client';
import WebSocket from 'ws';
import { type LocalRun, startLocalRun } from '../../local/run';

/** An async action with priority classes, run as `cdk-streamer dev` does. */

type Actions = ActionsOf<{ hold: typeof import('./fixture/handlers/hold') }, { hold: 'high' }>;

const dir = mkdtempSync(join(tmpdir(), 'streamer-priorities-'));
let local: LocalRun;
let client: StreamerClient<Actions>;

beforeAll(async () => {
  const app = new App({ outdir: dir });
  new StreamerApi(new Stack(app, 'Priorities'), 'Streamer', {
    projectRoot: join(__dirname, 'fixture'),
    auth: StreamerAuth.none(),
    handlers: {
      hold: StreamerHandler.async('handlers/hold.ts', {
        maxConcurrency: 2,
        priorities: { high: {} },
        retry: { base: Duration.millis(100), cap: Duration.millis(100) },
      }),
    },
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

test('a request of a class starts and is retried at once, although many requests without a class wait in the queue', async () => {
  const running = new Set<string>();
  const changes = new EventEmitter();
  const onState = ({ id, attempt }: RequestSnapshot) => {
    if (attempt > 0) running.add(id);
    changes.emit('change');
  };
  const busy = Array.from({ length: 6 }, (_, n) =>
    client.request('hold', { ms: 60_000 }, { id: `busy-${n}`, onState }),
  );
  const ended = Promise.allSettled(busy);
  while (running.size < 2) await once(changes, 'change');

  const urgent = await client.request('hold', { failFirst: true }, { priority: 'high' });

  expect(urgent).toMatchObject({ attempt: 2 });
  expect(running.size).toBe(2);
  for (let n = 0; n < 6; n++) await client.cancel(`busy-${n}`);
  expect((await ended).map(({ status }) => status)).toEqual(Array(6).fill('rejected'));
});

test('an unknown class is refused, and the error names the classes of the action', async () => {
  await expect(client.request('hold', {}, { priority: 'low' as 'high' })).rejects.toMatchObject({
    code: 'UNKNOWN_PRIORITY',
    message: expect.stringContaining('The classes of hold are high'),
    details: { priorities: ['high'] },
  });
});
