import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import WebSocket from 'ws';
import { StreamerClient, type WebSocketConstructor } from '../client-sdks/typescript/src';
import type { LocalRun } from '../local/run';
import type { Benchmark } from './lib/results';
import { withScratch } from './lib/scratch';
import { significant } from './lib/statistics';
import { synthesize } from './lib/synthesize';
import { versionsOf } from './lib/versions';
import { withRun } from './lib/workload';
import { type TopicTally, TopicWorld } from './virtual/topic-world';

const SEED = 1;
const SUBSCRIBERS = 10_000;
const MESSAGES = 30;
const FAULTY_SUBSCRIBERS = 2_000;
const FAULTS = { busyChance: 0.02, lossChance: 0.002, crashChance: 0.001 };
const RUNG2_SUBSCRIBERS = 1_000;
/** Number of clients that connect at once. */
const CONNECTING = 10;
/** Time in milliseconds after which the measurement on the local run ends, even if some subscribers have not received all messages. */
const RUNG2_LIMIT_MS = 120_000;
const TOPIC = 'rooms/1';

/**
 * One topic with many subscribers: in virtual time without and with faults, and on the local run.
 *
 * @throws Error if the faults did not occur, because the figures would then mean nothing
 */
export const fanOut: Benchmark = async (report) => {
  report(`${SUBSCRIBERS} subscribers, ${MESSAGES} messages, in virtual time …`);
  const virtual = await new TopicWorld({ seed: SEED, subscribers: SUBSCRIBERS, messages: MESSAGES }).run();
  report(`${FAULTY_SUBSCRIBERS} subscribers with faults …`);
  const faulty = await new TopicWorld({
    ...{ seed: SEED, subscribers: FAULTY_SUBSCRIBERS, messages: MESSAGES },
    ...FAULTS,
  }).run();
  checkFaults(faulty);
  report(`${RUNG2_SUBSCRIBERS} subscribers on the local run …`);
  const local = await withScratch(async (folder) => {
    await synthesize('outsiders', join(folder, 'assembly'));
    return withRun(join(folder, 'assembly'), measure);
  });
  return {
    versions: versionsOf('node', 'ws', 'dynalite'),
    figures: {
      subscribers: SUBSCRIBERS,
      messages: MESSAGES,
      incomplete: virtual.incomplete,
      out_of_order: virtual.outOfOrder,
      virtual_seconds: significant(virtual.seconds),
      max_posts_per_s: virtual.maxPostsPerSecond,
      faulty_subscribers: FAULTY_SUBSCRIBERS,
      faulty_incomplete: faulty.incomplete,
      faulty_out_of_order: faulty.outOfOrder,
      faulty_seconds: significant(faulty.seconds),
      notifier_deaths: faulty.crashes,
      rung2_subscribers: RUNG2_SUBSCRIBERS,
      ...local,
      seed: SEED,
    },
  };
};

/** @throws Error if a fault did not occur */
export function checkFaults({ crashes, busy, lost }: Pick<TopicTally, 'crashes' | 'busy' | 'lost'>): void {
  const missing = Object.entries({ crashes, busy, lost }).filter(([, count]) => count === 0);
  if (missing.length > 0) throw new Error(`these faults did not occur: ${missing.map(([name]) => name).join()}`);
}

/** A client with the offsets that it has received. */
interface Subscriber {
  readonly client: StreamerClient;
  readonly offsets: number[];
  readonly complete: Promise<void>;
}

/** Publishes messages to one topic, and waits until all subscribers have received all of them. */
export async function measure(run: LocalRun): Promise<Record<string, number>> {
  const all: Subscriber[] = [];
  try {
    while (all.length < RUNG2_SUBSCRIBERS) {
      all.push(...(await Promise.all(Array.from({ length: CONNECTING }, () => subscribe(run)))));
    }
    const begin = performance.now();
    const [publisher] = all;
    for (let n = 0; n < MESSAGES; n++) void publisher?.client.publish(TOPIC, { n });
    await Promise.race([
      Promise.all(all.map(({ complete }) => complete)),
      setTimeout(RUNG2_LIMIT_MS, undefined, { ref: false }),
    ]);
    const seconds = (performance.now() - begin) / 1000;
    return {
      rung2_incomplete: all.filter(({ offsets }) => new Set(offsets).size < MESSAGES).length,
      rung2_out_of_order: all.filter(({ offsets }) => offsets.some((offset, index) => offset !== index)).length,
      rung2_seconds: significant(seconds),
    };
  } finally {
    for (const { client } of all) client.close();
  }
}

async function subscribe({ url, issuer }: LocalRun): Promise<Subscriber> {
  if (!url || !issuer) throw new Error('the application has no WebSocket API with tokens');
  const client = new StreamerClient(url, {
    token: () => issuer.issueToken({ sub: 'subscriber', tenant: 'benchmark' }),
    webSocket: WebSocket as unknown as WebSocketConstructor,
  });
  const offsets: number[] = [];
  let done: () => void = () => undefined;
  const complete = new Promise<void>((resolve) => {
    done = resolve;
  });
  const onMessage = ({ offset }: { readonly offset: number }) => {
    if (offsets.push(offset) === MESSAGES) done();
  };
  await client.subscribe(TOPIC, { onMessage }).subscribed;
  return { client, offsets, complete };
}
