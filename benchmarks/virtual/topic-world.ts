import { StreamerClient } from '../../client-sdks/typescript/src';
import { type Connection, connect, disconnect } from '../../lambda-src/flows/connect/connection';
import type { Deps, PostResult } from '../../lambda-src/flows/ports';
import { route } from '../../lambda-src/flows/requests/route';
import { type NotifyDeps, notify } from '../../lambda-src/flows/topics/notify';
import { Pace } from '../../lambda-src/flows/topics/pace';
import { type PublishRecord, type QueuedMessage, toQueued } from '../../lambda-src/flows/topics/queue-message';
import { answerTopic } from '../../lambda-src/flows/topics/topics';
import { boundedGateway } from '../../lambda-src/flows/viewers/post';
import { QueueMapping } from '../../local/emulator/lambda/event-sources';
import { Queue } from '../../local/emulator/sqs';
import type { FunctionInvoker } from '../../local/emulator/types';
import { BOUNDS, DEFAULTS } from '../../src/contract';
import { VirtualGateway } from '../../test/client-sdks/typescript/support/virtual-gateway';
import type { ServerSocket } from '../../test/client-sdks/typescript/support/virtual-server';
import { randomNumbers } from '../../test/support/random';
import { VirtualClock } from './clock';
import { Invocation, mortal } from './invocation';
import { VirtualTables } from './tables';

export interface TopicWorldOptions {
  readonly seed: number;
  readonly subscribers: number;
  readonly messages: number;
  /** Frames of topics per second. @default - that of the construct */
  readonly topicRate?: number;
  /** Number of subscribers from which on a topic is large. @default 1000 */
  readonly largeFrom?: number;
  /** Chance that a post is answered with 429. @default 0 */
  readonly busyChance?: number;
  /** Chance that a notifier's process ends at a call, before or after the call takes effect. @default 0 */
  readonly crashChance?: number;
  /** Chance that a connection is lost when a frame is posted to it. @default 0 */
  readonly lossChance?: number;
}

export interface TopicTally {
  /** Subscribers that did not receive all messages. */
  incomplete: number;
  /** Subscribers that received a message twice, or before an earlier one. */
  outOfOrder: number;
  /** Virtual seconds from the first publish until the last subscriber was complete. */
  seconds: number;
  /** Most posts within a second. */
  maxPostsPerSecond: number;
  posts: number;
  crashes: number;
  busy: number;
  lost: number;
  /** Messages that the notifier sent to itself for parts of fan-outs. */
  parts: number;
}

const TOPIC = 'rooms/1';
const TENANT = 'acme';
/** The subscribers connect within this time. */
const START_MS = 25_000;
/** Time of a post, of which a part is random. */
const POST_MS = 10;
/** Timeout of the notifier, and the part of it in which no further page is started. */
const [TIMEOUT_MS, LAST_PAGES_MS] = [60_000, 20_000];
const VISIBILITY_MS = 2 * TIMEOUT_MS;
/** Time after which a subscriber that is not complete has missed something for good: several watch times of a client. */
const GIVE_UP_MS = 3_600_000;
const EXITED = { errorType: 'Runtime.ExitError', errorMessage: 'the process has ended' };
const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

type Receipt = { messageId: string; body: string; receiptHandle: string; attributes: Record<string, string> };

/**
 * One topic with many subscribers in virtual time: real clients, the router's and the notifier's flows, and the FIFO queue and the queue mapping of the
 * emulator. Each process of a notifier may end at any call.
 */
export class TopicWorld {
  private readonly clock = new VirtualClock();
  private readonly random: () => number;
  private readonly store = new VirtualTables(this.clock, quiet);
  private readonly gateway: VirtualGateway<TopicWorld>;
  private readonly queue: Queue;
  private readonly mapping: QueueMapping;
  private readonly connections = new Map<ServerSocket, Promise<Connection>>();
  private readonly sockets = new Map<string, ServerSocket>();
  private readonly received: number[][];
  private readonly clients: StreamerClient[] = [];
  private readonly paces: Pace[];
  private readonly postsBySecond = new Map<number, number>();
  private readonly seen = { crashes: 0, busy: 0, lost: 0, parts: 0, posts: 0 };
  private running = 0;
  private joined = 0;
  private complete = 0;
  private ids = 0;

  public constructor(private readonly options: TopicWorldOptions) {
    const { clock } = this;
    this.random = randomNumbers(options.seed);
    // The latency of the network is part of a post's time, so a connection's frames stay in order.
    this.gateway = new VirtualGateway({ server: this, clock, random: this.random, latencyMs: 1 });
    const spec = { queueName: 'topics.fifo', fifo: true, delayMs: 0, retentionMs: 86_400_000 };
    const named = { arn: 'arn:aws:sqs:eu-west-1:000000000000:topics.fifo', senderId: 's', newId: () => this.newId() };
    this.queue = new Queue({ ...spec, visibilityTimeoutMs: VISIBILITY_MS }, { ...named, clock });
    const mapping = { functionName: 'notifier', batchSize: 10, reportBatchItemFailures: true };
    const limited = { ...mapping, maximumConcurrency: BOUNDS.notifiers };
    this.mapping = new QueueMapping(limited, this.queue, this.notifier, { log: quiet, clock });
    const rate = { framesPerSecond: options.topicRate ?? DEFAULTS.topicRate, processes: BOUNDS.notifiers };
    this.paces = Array.from({ length: BOUNDS.notifiers }, () => new Pace(this.deps, rate));
    this.received = Array.from({ length: options.subscribers }, () => []);
  }

  public async run(): Promise<TopicTally> {
    const { clock, options } = this;
    this.mapping.start();
    for (const [index] of this.received.entries())
      clock.setTimeout(() => this.subscribe(index), this.random() * START_MS);
    await clock.runUntil(() => this.joined === options.subscribers);
    const publisher = this.clients[0] as StreamerClient;
    const begin = clock.now();
    for (let n = 0; n < options.messages; n++) void publisher.publish(TOPIC, { n });
    const isOver = () => this.complete === options.subscribers || clock.now() >= begin + GIVE_UP_MS;
    await clock.runUntil(isOver);
    const seconds = (clock.now() - begin) / 1000;
    for (const client of this.clients) client.close();
    return this.tally(seconds);
  }

  // the server behind the gateway

  public receive(socket: ServerSocket, message: never): void {
    void this.answer(socket, JSON.stringify(message));
  }

  public forget(socket: ServerSocket): void {
    const connection = this.connections.get(socket);
    this.connections.delete(socket);
    void connection?.then(async (found) => {
      this.sockets.delete(found.connectionId);
      await disconnect(this.deps, found);
    });
  }

  private async answer(socket: ServerSocket, body: string): Promise<void> {
    const connecting = this.connections.get(socket) ?? this.connect(socket);
    this.connections.set(socket, connecting);
    const topics = {
      rules: [{ pattern: 'rooms/*', publish: true }],
      publisher: { publish: async (message: Parameters<typeof toQueued>[0]) => this.enqueue([toQueued(message)]) },
    };
    const serve = (
      deps: Deps,
      ...args: Parameters<typeof answerTopic> extends [Deps, unknown, ...infer Rest] ? Rest : never
    ) => answerTopic(deps, topics, ...args);
    const deps = { ...this.deps, actions: new Map(), topics: serve, syncTimeoutMs: 5_000 };
    socket.post(await route(deps, await connecting, body));
  }

  private async connect(socket: ServerSocket): Promise<Connection> {
    const connectionId = this.newId();
    const connection = { connectionId, connectedAt: this.clock.now(), tenant: TENANT, user: 'u' };
    this.sockets.set(connectionId, socket);
    await connect(this.deps, connection);
    return connection;
  }

  private async post(connectionId: string, frame: string): Promise<PostResult> {
    const { busyChance = 0, lossChance = 0 } = this.options;
    this.countPost();
    await this.clock.sleep(POST_MS * (0.5 + this.random()));
    const socket = this.sockets.get(connectionId);
    if (!socket) return 'gone';
    if (busyChance > 0 && this.random() < busyChance) {
      this.seen.busy++;
      return 'busy';
    }
    if (lossChance > 0 && this.random() < lossChance) {
      this.seen.lost++;
      (socket as unknown as { end(code: number): void }).end(1006);
      return 'sent';
    }
    socket.post(JSON.parse(frame));
    return 'sent';
  }

  private countPost(): void {
    const second = Math.floor(this.clock.now() / 1000);
    this.seen.posts++;
    this.postsBySecond.set(second, (this.postsBySecond.get(second) ?? 0) + 1);
  }

  // the clients

  private subscribe(index: number): void {
    const offsets = this.received[index] as number[];
    const client = new StreamerClient('wss://streamer.example.com', {
      token: () => 'token',
      webSocket: this.gateway.webSocket,
      clock: this.clock as never,
      random: this.random,
      newId: () => this.newId(),
      wake: () => () => undefined,
    });
    this.clients.push(client);
    const { subscribed } = client.subscribe(TOPIC, {
      onMessage: ({ offset }) => {
        if (offsets.push(offset) === this.options.messages) this.complete++;
      },
    });
    void subscribed.then(() => {
      this.joined++;
    });
  }

  // the notifier

  private enqueue(messages: readonly QueuedMessage[]): void {
    for (const message of messages) this.queue.send(message);
  }

  private readonly notifier: FunctionInvoker = {
    invokeAsync: quiet,
    invoke: async (_, event) => {
      const { Records } = event as { Records: Receipt[] };
      const invocation = new Invocation();
      const pace = this.paces[this.running++ % BOUNDS.notifiers] as Pace;
      const failed = await Promise.race([this.notify(invocation, pace, Records.map(recordOf)), invocation.ended]);
      if (failed === 'crashed') {
        this.seen.crashes++;
        return { ok: false, kind: 'Unhandled', durationMs: 0, error: EXITED };
      }
      const batchItemFailures = failed.map((itemIdentifier) => ({ itemIdentifier }));
      return { ok: true, durationMs: 0, payload: { batchItemFailures } };
    },
  };

  private notify(invocation: Invocation, pace: Pace, records: readonly PublishRecord[]): Promise<string[]> {
    const { crashChance = 0, largeFrom = 1_000 } = this.options;
    const dies = () => crashChance > 0 && this.random() < crashChance;
    const alive = async (run: () => void) => {
      if (!invocation.dead && dies()) invocation.end();
      if (invocation.dead) return new Promise<never>(quiet);
      run();
    };
    const ports: Omit<NotifyDeps, keyof Deps> = {
      ...{ pace, largeFrom, deadline: this.clock.now() + TIMEOUT_MS - LAST_PAGES_MS, onPublished: quiet },
      send: (messages) =>
        alive(() => {
          this.seen.parts += messages.length;
          this.enqueue(messages);
        }),
      hide: (all, seconds) =>
        alive(() => {
          for (const { receiptHandle } of all) this.queue.changeVisibility(receiptHandle, seconds * 1000);
        }),
    };
    return notify({ ...mortal(this.deps, invocation, dies), ...ports }, records);
  }

  private get deps(): Deps {
    const { clock, random } = this;
    const platform = { now: () => clock.now(), random, newId: () => this.newId(), sleep: clock.sleep.bind(clock) };
    const gateway = boundedGateway({ post: (to, frame) => this.post(to, frame) });
    const { limits, retentionSeconds } = DEFAULTS;
    return { store: this.store, gateway, platform, log, limits, retentionSeconds };
  }

  private newId(): string {
    return `id${this.ids++}`;
  }

  private tally(seconds: number): TopicTally {
    const { messages } = this.options;
    const isComplete = (offsets: readonly number[]) => new Set(offsets).size === messages;
    const isOrdered = (offsets: readonly number[]) => offsets.every((offset, index) => offset === index);
    return {
      ...this.seen,
      incomplete: this.received.filter((offsets) => !isComplete(offsets)).length,
      outOfOrder: this.received.filter((offsets) => !isOrdered(offsets)).length,
      seconds,
      maxPostsPerSecond: Math.max(...this.postsBySecond.values()),
    };
  }
}

const recordOf = ({ messageId, body, receiptHandle, attributes }: Receipt): PublishRecord => ({
  ...{ messageId, body, receiptHandle },
  receive: Number(attributes.ApproximateReceiveCount),
});
