import { join } from 'node:path';
import WebSocket from 'ws';
import type { LocalRun } from '../local/run';
import { traceRequest } from '../test/lambda-src/support/traced-request';
import { cpuMsOf } from './lib/cpu';
import type { Benchmark } from './lib/results';
import { withScratch } from './lib/scratch';
import { median, significant } from './lib/statistics';
import { synthesize } from './lib/synthesize';
import { versionsOf } from './lib/versions';
import { withClient, withRun } from './lib/workload';

const WARM_UP = 200;
const ROUNDS = 9;
/** Number of requests, and of invocations of the empty handler, in a round. */
const REQUESTS = 40;
/** Ten progress updates, of which the processor sends three, and a result of 4 KB. */
const INPUT = { progressSends: 10, everyMs: 20, resultBytes: 4096 };

const FUNCTIONS = {
  router: 'Streamer/Router/Function',
  dispatcher: 'Streamer/Dispatcher/Function',
  processor: 'Streamer/Processors/work/Function',
};
const EMPTY = 'Empty';

type Role = keyof typeof FUNCTIONS | 'empty';

/** Counts the AWS calls on the path of an async request, and measures the CPU time of the functions of one request. */
export const hotPath: Benchmark = (report) =>
  withScratch(async (folder) => {
    const { steps, beforeStart } = await traceRequest();
    await synthesize('workload', join(folder, 'assembly'));
    report(`${WARM_UP} + ${ROUNDS * REQUESTS} requests, in turn with invocations of an empty handler …`);
    const rounds = await withRun(join(folder, 'assembly'), (run) =>
      withClient(run, WebSocket, async (client) => {
        const once = { request: () => client.request('work', INPUT), invoke: () => invokeEmpty(run) };
        for (let n = 0; n < WARM_UP; n++) await Promise.all([once.request(), once.invoke()]);
        const all: Readonly<Record<Role, number>>[] = [];
        for (let n = 0; n < ROUNDS; n++) all.push(await round(run, once));
        return all;
      }),
    );
    const ratioOf = (role: Role) => median(rounds.map((cpu) => cpu[role] / cpu.empty));
    return {
      versions: versionsOf('node', '@aws-sdk/client-dynamodb', '@aws-sdk/client-sqs'),
      figures: {
        sequential_calls: steps.length,
        calls_before_start: beforeStart,
        cpu_ratio: significant(
          median(rounds.map(({ empty, ...cpu }) => (cpu.router + cpu.dispatcher + cpu.processor) / empty)),
        ),
        router_cpu_ratio: significant(ratioOf('router')),
        dispatcher_cpu_ratio: significant(ratioOf('dispatcher')),
        processor_cpu_ratio: significant(ratioOf('processor')),
        empty_cpu_ms: significant(median(rounds.map(({ empty }) => empty))),
      },
    };
  });

async function invokeEmpty(run: LocalRun): Promise<void> {
  const result = await run.host.invoke(run.physicalName(EMPTY), {});
  if (!result.ok) throw new Error(`the empty handler failed: ${result.error.errorMessage}`);
}

interface Once {
  readonly request: () => Promise<unknown>;
  readonly invoke: () => Promise<unknown>;
}

/** Returns the CPU milliseconds of each function for one request, and those of the empty handler for one invocation. */
async function round(run: LocalRun, { request, invoke }: Once): Promise<Readonly<Record<Role, number>>> {
  const before = usedCpu(run);
  for (let n = 0; n < REQUESTS; n++) {
    await request();
    await invoke();
  }
  const after = usedCpu(run);
  const each = (role: Role) => (after[role] - before[role]) / REQUESTS;
  return { router: each('router'), dispatcher: each('dispatcher'), processor: each('processor'), empty: each('empty') };
}

/** Returns the CPU milliseconds that the processes of each function have used. */
function usedCpu(run: LocalRun): Record<Role, number> {
  const of = (path: string) =>
    run.host.environments(run.physicalName(path)).reduce((total, { pid }) => total + cpuMsOf(pid), 0);
  const { router, dispatcher, processor } = FUNCTIONS;
  return { router: of(router), dispatcher: of(dispatcher), processor: of(processor), empty: of(EMPTY) };
}
