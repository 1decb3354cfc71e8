import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import WebSocket from 'ws';
import type { StreamerClient } from '../client-sdks/typescript/src';
import { LEASE_MS } from '../lambda-src/core';
import type { LocalRun } from '../local/run';
import { randomNumbers } from '../test/support/random';
import type { Benchmark } from './lib/results';
import { withScratch } from './lib/scratch';
import { percentile, significant } from './lib/statistics';
import { synthesize } from './lib/synthesize';
import { versionsOf } from './lib/versions';
import { type Actions, withClient, withRun } from './lib/workload';

const KILLS = 20;
/** Longest time from the first progress to the kill. It is longer than the interval of the heartbeat, so the kills are spread over it. */
const KILL_WITHIN_MS = 10_000;
const MINUTE_MS = 60_000;
const SEED = 1;
const PROCESSOR = 'Streamer/Processors/work/Function';
/** A handler that reports two times per second for five minutes. */
const BUSY = { progressSends: 600, everyMs: 500, resultBytes: 100 };
/** A handler that reports nothing for two minutes. */
const SILENT = { progressSends: 1, everyMs: 2 * MINUTE_MS, resultBytes: 100 };

type Client = StreamerClient<Actions>;

/** Measures how soon the next attempt follows the death of a processor, and how many writes keep the lease of a running attempt. */
export const recovery: Benchmark = (report) =>
  withScratch(async (folder) => {
    await synthesize('workload', join(folder, 'assembly'));
    report(`${KILLS} processors are killed …`);
    const seconds = await withRun(join(folder, 'assembly'), (run) =>
      withClient(run, WebSocket, (client) => killAll(run, client)),
    );
    report('a minute of a handler that reports nothing …');
    const writes = await withRun(join(folder, 'assembly'), (run) =>
      withClient(run, WebSocket, (client) => writesPerMinute(run, client)),
    );
    return {
      versions: versionsOf('node', 'ws', 'dynalite'),
      figures: {
        p50_kill_to_attempt_s: significant(percentile(seconds, 50)),
        max_kill_to_attempt_s: significant(Math.max(...seconds)),
        lease_s: LEASE_MS / 1000,
        writes_per_minute: writes,
        kills: seconds.length,
        seed: SEED,
      },
    };
  });

/**
 * Kills the processor of each request at a random time, after all of them have started.
 *
 * @returns the seconds from each kill to the first progress of the next attempt
 */
async function killAll(run: LocalRun, client: Client): Promise<number[]> {
  const random = randomNumbers(SEED);
  const known = new Set<number>();
  const attempts: Awaited<ReturnType<typeof startAttempt>>[] = [];
  for (let kill = 0; kill < KILLS; kill++) attempts.push(await startAttempt(run, client, known));
  return Promise.all(attempts.map(({ kill }) => kill(random() * KILL_WITHIN_MS)));
}

const busyProcessors = (run: LocalRun) => run.host.environments(run.physicalName(PROCESSOR)).filter(({ busy }) => busy);

/** Starts a request, and finds the process of its attempt: the one that no earlier request had. */
async function startAttempt(run: LocalRun, client: Client, known: Set<number>) {
  let onAttempt: (attempt: number) => void = () => undefined;
  const reached = (wanted: number) =>
    new Promise<void>((resolve) => {
      onAttempt = (attempt) => attempt >= wanted && resolve();
    });
  const first = reached(1);
  client.request('work', BUSY, { onProgress: ({ attempt }) => onAttempt(attempt) }).catch(() => undefined);
  await first;
  const own = busyProcessors(run).find(({ pid }) => !known.has(pid));
  if (!own) throw new Error('no processor is busy');
  known.add(own.pid);
  const second = reached(2);
  return {
    kill: async (delayMs: number): Promise<number> => {
      await setTimeout(delayMs);
      process.kill(own.pid, 'SIGKILL');
      const killedAt = Date.now();
      await second;
      return (Date.now() - killedAt) / 1000;
    },
  };
}

/** Counts the write units of a minute in which a handler runs and reports nothing. They include those of one run of the sweeper. */
async function writesPerMinute(run: LocalRun, client: Client): Promise<number> {
  client.request('work', SILENT).catch(() => undefined);
  while (busyProcessors(run).length === 0) await setTimeout(100);
  await setTimeout(2_000);
  const units = () => run.dynamodb.calls().reduce((total, call) => total + call.writeUnits, 0);
  const before = units();
  await setTimeout(MINUTE_MS);
  return units() - before;
}
