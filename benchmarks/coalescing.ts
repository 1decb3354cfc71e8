import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import WebSocket from 'ws';
import type { LocalRun } from '../local/run';
import type { Benchmark } from './lib/results';
import { withScratch } from './lib/scratch';
import { synthesize } from './lib/synthesize';
import { versionsOf } from './lib/versions';
import { withClient, withRun } from './lib/workload';
import { connect } from './outsiders/connect';
import { floodProgress } from './virtual/progress-flood';

const SEED = 1;
const FLOOD = { calls: 10_000, ms: 10_000 };
/** Events that exceed the buffers of the sockets and the gateway, which are 4 MB and 1 MB on Linux. */
const FILLER = { events: 240, bytes: 30 * 1024 };

/**
 * Counts the frames of 10,000 calls of `progress` within ten seconds, in virtual time. Then measures the heap of a handler that makes the same calls in a local run,
 * for a viewer that never reads.
 */
export const coalescing: Benchmark = async (report) => {
  report(`${FLOOD.calls} calls of progress in virtual time …`);
  const { sends, isLastExact } = await floodProgress({ seed: SEED, ...FLOOD });
  report('the same calls in a process, for a viewer that never reads …');
  const growth = await heapGrowth();
  return {
    versions: versionsOf('node', 'ws', 'dynalite'),
    figures: {
      calls: FLOOD.calls,
      sends,
      last_exact: Number(isLastExact),
      heap_growth_kb: Math.max(0, Math.round(growth / 1_000)),
      seed: SEED,
    },
  };
};

const heapGrowth = (): Promise<number> =>
  withScratch(async (folder) => {
    await synthesize('coalescing', folder);
    return withRun(folder, (run) => withClient(run, WebSocket, (client) => growthOf(run, client)));
  });

type Client = Parameters<Parameters<typeof withClient>[2]>[0];

/** Sends a request from a connection that never reads. Another connection of the user gets the result. */
async function growthOf(run: LocalRun, client: Client): Promise<number> {
  const socket = await connect(run, 'benchmark', 'benchmark');
  (socket as unknown as { readonly _socket: Socket })._socket.pause();
  const id = randomUUID();
  const input = { ...FILLER, ...FLOOD };
  socket.send(JSON.stringify({ type: 'request', id, action: 'flood', input }));
  try {
    await until(() => client.requests({ action: 'flood' as never }).then(({ requests }) => requests.length > 0));
    const result: unknown = await client.attach('flood' as never, { id });
    return (result as { readonly growth: number }).growth;
  } finally {
    socket.terminate();
  }
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 200));
}
