import type WebSocket from 'ws';
import type { LocalRun } from '../../local/run';
import type { Benchmark } from '../lib/results';
import { withScratch } from '../lib/scratch';
import { significant } from '../lib/statistics';
import { synthesize } from '../lib/synthesize';
import { timed } from '../lib/timed';
import { versionsOf } from '../lib/versions';
import { withRun } from '../lib/workload';
import { connect } from './connect';

const SUBSCRIBERS = 500;
const MESSAGES = 20;
/** Number of connections that are opened at once. */
const OPENING = 10;
const TOPIC = 'rooms/1';

/** Measures how many frames per second one topic sends to many subscribers. */
export const fanOut: Benchmark = (report) =>
  withScratch(async (folder) => {
    await synthesize('outsiders', folder);
    return withRun(folder, async (run) => {
      const sockets = await subscribers(run);
      report(`${SUBSCRIBERS} subscribers, ${MESSAGES} messages …`);
      try {
        await round(sockets, 1, 'warm-up');
        const ms = await timed(() => round(sockets, MESSAGES, 'm'));
        return {
          versions: versionsOf('node', 'ws', 'dynalite'),
          figures: { fan_out_frames_per_s: significant((SUBSCRIBERS * MESSAGES) / (ms / 1000)) },
        };
      } finally {
        for (const socket of sockets) socket.terminate();
      }
    });
  });

async function subscribers(run: LocalRun): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  while (sockets.length < SUBSCRIBERS) {
    sockets.push(...(await Promise.all(Array.from({ length: OPENING }, () => subscriber(run)))));
  }
  return sockets;
}

async function subscriber(run: LocalRun): Promise<WebSocket> {
  const socket = await connect(run, 'benchmark');
  const acknowledged = next(socket, ({ type }) => type === 'ack');
  socket.send(JSON.stringify({ type: 'subscribe', topic: TOPIC }));
  await acknowledged;
  return socket;
}

/** Publishes the given number of messages at once, and waits until each subscriber has received the last one. */
async function round(sockets: readonly WebSocket[], messages: number, name: string): Promise<void> {
  const got = sockets.map((socket) => {
    let left = messages;
    return next(socket, ({ type }) => type === 'message' && --left === 0);
  });
  for (let n = 0; n < messages; n++) {
    sockets[0]?.send(JSON.stringify({ type: 'publish', topic: TOPIC, id: `${name}-${n}`, data: { n } }));
  }
  await Promise.all(got);
}

/** Resolves with the first matching frame. */
function next(socket: WebSocket, isMeant: (frame: { readonly type: string }) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const listen = (text: unknown) => {
      if (!isMeant(JSON.parse(String(text)))) return;
      socket.off('message', listen);
      resolve();
    };
    socket.on('message', listen);
  });
}
