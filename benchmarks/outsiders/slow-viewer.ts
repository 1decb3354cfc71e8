import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type WebSocket from 'ws';
import type { LocalRun } from '../../local/run';
import { observe } from '../lib/observe';
import type { Benchmark } from '../lib/results';
import { withScratch } from '../lib/scratch';
import { median, significant } from '../lib/statistics';
import { synthesize } from '../lib/synthesize';
import { timed } from '../lib/timed';
import { versionsOf } from '../lib/versions';
import { withRun } from '../lib/workload';
import { connect } from './connect';

const INPUT = { events: 150, bytes: 8 * 1024 };
/** Number and size of events that exceed the buffers of the sockets and the gateway for a client that does not read: 4 MB and 1 MB on Linux. */
const FILLER = { events: 240, bytes: 30 * 1024 };
const ROUNDS = 5;

/** Milliseconds of two requests that run at the same time. */
interface Pair {
  readonly own: number;
  readonly other: number;
}

/**
 * Measures the effect of a viewer that does not read on its own request and on another tenant's.
 *
 * The duration of a request is the time from its sending to the end of the invocation that served it. Each round runs two tenants' requests at the same time,
 * once with viewers that read and once with a viewer that does not, so that their influence on each other is on both sides of the ratio.
 */
export const slowViewer: Benchmark = (report) =>
  withScratch(async (folder) => {
    await synthesize('outsiders', folder);
    return withRun(folder, async (run) => {
      await pair(run, true);
      const reading: Pair[] = [];
      const stuck: Pair[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        reading.push(await pair(run, true));
        stuck.push(await pair(run, false));
        report(`own ${reading[round]?.own.toFixed()} → ${stuck[round]?.own.toFixed()} ms`);
      }
      const ratio = (of: keyof Pair) =>
        significant(median(stuck.map((each) => each[of])) / median(reading.map((each) => each[of])));
      return {
        versions: versionsOf('node', 'ws', 'dynalite'),
        figures: { slow_viewer_own_ratio: ratio('own'), slow_viewer_other_ratio: ratio('other') },
      };
    });
  });

async function pair(run: LocalRun, reads: boolean): Promise<Pair> {
  const sockets = [await connect(run, 'slow'), await connect(run, 'other')] as const;
  try {
    if (!reads) await stopReading(run, sockets[0]);
    const [own, other] = await Promise.all(sockets.map((socket) => timed(() => endOf(run, send(socket, INPUT)))));
    return { own, other } as Pair;
  } finally {
    for (const socket of sockets) socket.terminate();
  }
}

async function stopReading(run: LocalRun, socket: WebSocket): Promise<void> {
  (socket as unknown as { readonly _socket: Socket })._socket.pause();
  await endOf(run, send(socket, FILLER));
}

/** @returns the id of the request */
function send(socket: WebSocket, input: object): string {
  const id = randomUUID();
  socket.send(JSON.stringify({ type: 'request', id, action: 'emit_events', input }));
  return id;
}

/** Resolves when the invocation with the request's queue message has ended: a viewer that does not read cannot observe the end. */
function endOf(run: LocalRun, id: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    observe(run.host, 'invoke', ([, event], result) => {
      const { Records = [] } = event as { readonly Records?: readonly { readonly body?: string }[] };
      if (Records.some(({ body }) => body?.includes(id))) result.then(resolve, reject);
    });
  });
}
