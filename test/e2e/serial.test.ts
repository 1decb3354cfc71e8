import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { App, Stack } from 'aws-cdk-lib';
import { Concurrency, StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';
import { type RequestSnapshot, StreamerClient, visitorToken } from 'cdk-streamer-client';
import WebSocket from 'ws';
import { type LocalRun, startLocalRun } from '../../local/run';

/** Async actions with caps, run as `cdk-streamer dev` does. */

interface Worked {
  readonly from: number;
  readonly to: number;
}

const dir = mkdtempSync(join(tmpdir(), 'streamer-serial-'));
const token = visitorToken();
let local: LocalRun;
let client: StreamerClient;

beforeAll(async () => {
  const app = new App({ outdir: dir });
  new StreamerApi(new Stack(app, 'Serial'), 'Streamer', {
    projectRoot: join(__dirname, 'fixture'),
    auth: StreamerAuth.none(),
    handlers: {
      alone: StreamerHandler.async('handlers/alone.ts', { maxConcurrency: 1 }),
      by_data_set: StreamerHandler.async('handlers/alone.ts', {
        concurrency: [Concurrency.perUser(2), Concurrency.perInput('dataSet', 1)],
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
  client = new StreamerClient(String(local.url), { token, webSocket: WebSocket as never });
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

/** Largest number of intervals that overlap at a time. */
const mostAtOnce = (all: readonly Worked[]): number =>
  Math.max(...all.map(({ from }) => all.filter((other) => other.from <= from && from < other.to).length));

test('requests of a user run at most two at a time, and those of one data set one at a time; the others are WAITING', async () => {
  const work = async (n: number) => {
    const { from, to } = (await client.request('by_data_set', { n, dataSet: n % 3 })) as Worked;
    return { from, to, dataSet: n % 3 };
  };
  const first = Array.from({ length: 9 }, (_, n) => work(n));
  const last = client.request('by_data_set', { dataSet: 0 }, { id: 'last' });
  const statuses = await statusesOf('last');
  const done = await Promise.all(first);
  await last;

  expect(statuses).toContain('WAITING');
  // how many overlap below the cap depends on the machine
  expect(mostAtOnce(done)).toBeLessThanOrEqual(2);
  for (const dataSet of [0, 1, 2]) expect(mostAtOnce(done.filter((each) => each.dataSet === dataSet))).toBe(1);
});

/** Statuses that another page of the user sees until the request ends. */
async function statusesOf(id: string): Promise<string[]> {
  const statuses: string[] = [];
  while (!statuses.includes('COMPLETED')) {
    const page = new StreamerClient(String(local.url), { token, webSocket: WebSocket as never });
    statuses.push(await statusOf(page, id));
    page.close();
    await sleep(100);
  }
  return statuses;
}

/** `unknown` before the request is accepted. */
function statusOf(page: StreamerClient, id: string): Promise<string> {
  return new Promise((resolve) => {
    const onState = ({ status, epoch }: RequestSnapshot) => epoch !== undefined && resolve(status);
    page.attach('by_data_set', { id }, { onState }).catch(() => resolve('unknown'));
  });
}
