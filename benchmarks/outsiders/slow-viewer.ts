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
/**
 * Number and size of the events. If a client does not read, they exceed the buffers of the sockets and the gateway, which are 4 MB and 1 MB on Linux.
 */
const FILLER = { events: 240, bytes: 30 * 1024 };
const ROUNDS = 5;

/** Durations in milliseconds of two requests that run at the same time. */
interface Pair {
  readonly own: number;
  readonly other: number;
}

/**
 * Measures how a viewer that does not read affects its own request and another tenant's request.
 *
 * The duration of a request is the time from its sending to the end of the invocation that served it. Each round runs the requests of two tenants at
 * the same time. It does so once with viewers that read, and once with a viewer that does not. So the influence of the two requests on each other is
 * in both parts of the ratio.
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

/** Sends a request. @returns the id of the request */
function send(socket: WebSocket, input: object): string {
  const id = randomUUID();
  socket.send(JSON.stringify({ type: 'request', id, action: 'emit_events', input }));
  return id;
}

/**
 * Resolves when the invocation that received the request's queue message has ended. The viewer cannot be used for this, because a viewer that does
 * not read never receives the end.
 */
function endOf(run: LocalRun, id: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    observe(run.host, 'invoke', ([, event], result) => {
      const { Records = [] } = event as { readonly Records?: readonly { readonly body?: string }[] };
      if (Records.some(({ body }) => body?.includes(id))) result.then(resolve, reject);
    });
  });
}
