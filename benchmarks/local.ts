import { join } from 'node:path';
import WebSocket from 'ws';
import type { StreamerClient } from '../client-sdks/typescript/src';
import type { LocalRun } from '../local/run';
import { startBareEcho } from './lib/echo-server';
import type { Benchmark, Result } from './lib/results';
import { withScratch } from './lib/scratch';
import { median, percentile, significant } from './lib/statistics';
import { synthesize } from './lib/synthesize';
import { timed } from './lib/timed';
import { versionsOf } from './lib/versions';
import { type Actions, startRun, withClient, withRun } from './lib/workload';

const STARTS = 7;
const WARM_UP = 200;
const ROUND_TRIPS = 1000;
const REQUESTS = 200;
/** Number of requests that run at once. In a local run, a function has as many environments. */
const IN_FLIGHT = 4;
const INPUT = { progressSends: 1, everyMs: 0, resultBytes: 100 };

const JOBS = 100;
/** A job with ten progress updates and no other work. */
const JOB = { progressSends: 10, everyMs: 0, resultBytes: 100 };
/** Number of jobs that run at once. */
const CROWD = 64;
/** Duration of each measurement with many jobs. A queue mapping needs about 12 s until it has increased its concurrency to 64. */
const CROWD_SECONDS = 20;
/** A job that waits for 200 ms. */
const WAIT = { progressSends: 1, everyMs: 200, resultBytes: 100 };
const PROCESSOR = 'Streamer/Processors/work/Function';

type Client = StreamerClient<Actions>;

/** Measures the speed of the local run: its start, the round trip of an echo, and the time from sending an async request to its result. */
export const local: Benchmark = (report) =>
  withScratch(async (folder) => {
    await synthesize('reports', join(folder, 'reports'));
    await synthesize('workload', join(folder, 'workload'));
    report(`${STARTS} starts of the example …`);
    const startMs = median(await starts(join(folder, 'reports')));
    report(`${ROUND_TRIPS} round trips, each next to one of a bare WebSocket; then ${REQUESTS} requests …`);
    const figures = await withRun(join(folder, 'workload'), (run) => withClient(run, WebSocket, measure));
    report(`jobs one after another, then ${CROWD} at once for ${CROWD_SECONDS} s …`);
    const jobs = await withRun(join(folder, 'workload'), (run) =>
      withClient(run, WebSocket, (client) => measureJobs(run, client)),
    );
    return {
      versions: versionsOf('node', 'ws', 'dynalite'),
      figures: { start_ms: Math.round(startMs), ...figures, ...jobs },
    };
  });

/** Measures the milliseconds until clients can connect to the run. Each sample is a new start. */
async function starts(assemblyFolder: string): Promise<number[]> {
  const times: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    let run: LocalRun | undefined;
    times.push(
      await timed(async () => {
        run = await startRun(assemblyFolder);
      }),
    );
    await run?.close();
  }
  return times;
}

async function measure(client: Client): Promise<Result['figures']> {
  const pairs = await roundTrips(client);
  const perSecond = await requestsPerSecond(client);
  return {
    round_trips_per_s: significant(1000 / median(pairs.map(({ sync }) => sync))),
    sync_p99_over_floor_ms: significant(
      percentile(
        pairs.map(({ sync, floor }) => sync - floor),
        99,
      ),
    ),
    sync_p50_over_floor_ms: significant(median(pairs.map(({ sync, floor }) => sync - floor))),
    requests_per_s: significant(perSecond),
  };
}

/** Measures round trips one after another on one connection. Each round trip of the sync action is directly followed by one of the bare echo. */
async function roundTrips(client: Client): Promise<{ sync: number; floor: number }[]> {
  const bare = await startBareEcho();
  try {
    for (let trip = 0; trip < WARM_UP; trip++) await pair(client, bare.roundTrip);
    const pairs: { sync: number; floor: number }[] = [];
    for (let trip = 0; trip < ROUND_TRIPS; trip++) pairs.push(await pair(client, bare.roundTrip));
    return pairs;
  } finally {
    await bare.close();
  }
}

async function pair(client: Client, bareTrip: (text: string) => Promise<void>) {
  const text = 'a string to send back';
  return { sync: await timed(() => client.request('echo', { text })), floor: await timed(() => bareTrip(text)) };
}

/** Measures the throughput while a fixed number of requests run at once, each of which waits for its result. */
async function requestsPerSecond(client: Client): Promise<number> {
  await requestAll(client, 4 * IN_FLIGHT);
  return REQUESTS / ((await timed(() => requestAll(client, REQUESTS))) / 1000);
}

async function requestAll(client: Client, requests: number): Promise<void> {
  let left = requests;
  const lane = async () => {
    while (left-- > 0) await client.request('work', INPUT);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

/** Measures jobs one after another, each next to a round trip of a bare WebSocket, and then many jobs at once. */
async function measureJobs(run: LocalRun, client: Client): Promise<Result['figures']> {
  const bare = await startBareEcho();
  try {
    const samples: { job: number; floor: number }[] = [];
    for (let n = -WARM_UP; n < JOBS; n++) {
      const job = await timed(() => client.request('work', JOB));
      const floor = await timed(() => bare.roundTrip('a string to send back'));
      if (n >= 0) samples.push({ job, floor });
    }
    const waiting = await crowd(run, client, WAIT);
    const working = await crowd(run, client, JOB);
    return {
      job_p50_ms: significant(median(samples.map(({ job }) => job))),
      job_p50_ratio: significant(median(samples.map(({ job, floor }) => job / floor))),
      jobs_at_once: waiting.most,
      jobs_per_s: significant(working.perSecond),
    };
  } finally {
    await bare.close();
  }
}

/** Keeps many jobs running. @returns the largest number of busy processes, and the jobs per second in the second half of the time */
async function crowd(run: LocalRun, client: Client, input: typeof JOB): Promise<{ most: number; perSecond: number }> {
  const end = performance.now() + 1000 * CROWD_SECONDS;
  const half = end - 500 * CROWD_SECONDS;
  let [most, done] = [0, 0];
  const lane = async () => {
    while (performance.now() < end) {
      await client.request('work', input);
      const now = performance.now();
      if (now >= half && now < end) done++;
      most = Math.max(most, run.host.environments(run.physicalName(PROCESSOR)).filter(({ busy }) => busy).length);
    }
  };
  await Promise.all(Array.from({ length: CROWD }, lane));
  return { most, perSecond: done / (CROWD_SECONDS / 2) };
}
