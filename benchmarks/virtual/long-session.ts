import { StreamerClient } from '../../client-sdks/typescript/src';
import { type Faults, VirtualGateway } from '../../test/client-sdks/typescript/support/virtual-gateway';
import { randomNumbers } from '../../test/support/random';
import { VirtualClock } from './clock';

const HOUR_MS = 3_600_000;

export interface SessionOptions {
  readonly seed: number;
  readonly hours: number;
  readonly faults?: Faults;
  /** Mean time in milliseconds between two lost connections. Default: none is lost. */
  readonly dropMs?: number;
  /** Whether the client waits until the gateway closes the connection, instead of replacing it before. Default: false. */
  readonly waits?: boolean;
}

/** The observations of one session. */
export interface SessionTally {
  /** Changes of the state from `connected` to another. */
  disconnects: number;
  /** Number of connections that the client has opened. */
  connects: number;
  /** Entries of the logs that the application did not receive. */
  lost: number;
  /** Entries that the application received twice, or out of order. */
  repeated: number;
  /** Number of entries that the application received. */
  received: number;
  /** Longest time from an event's entry in the log to its delivery, in milliseconds. */
  maxDelayMs: number;
  /** Sync requests, and those that ran more than once. */
  syncs: number;
  syncsTwice: number;
  /** Calls that failed, and calls that never settled. */
  failed: number;
  unsettled: number;
}

/**
 * One client with an async request, a subscription, publishes and sync requests, over hours of virtual time, on a gateway with the limits of API Gateway.
 */
export class LongSession {
  private readonly clock = new VirtualClock();
  private readonly random: () => number;
  private readonly gateway: VirtualGateway;
  private readonly client: StreamerClient;
  private readonly events: number[] = [];
  private readonly messages: number[] = [];
  private readonly emittedAt: number[] = [];
  private readonly tally = { disconnects: 0, failed: 0, unsettled: 0, syncs: 0, maxDelayMs: 0 };
  private connected = false;
  private isOver = false;
  private ids = 0;

  constructor(private readonly options: SessionOptions) {
    this.random = randomNumbers(options.seed);
    const { clock, random } = this;
    this.gateway = new VirtualGateway({ clock, random, faults: options.faults });
    this.client = new StreamerClient('wss://streamer.example.com', {
      token: async () => 'token',
      webSocket: this.gateway.webSocket,
      clock: clock as never,
      random,
      newId: () => `r-${++this.ids}`,
      wake: () => () => undefined,
      timing: options.waits ? { moveAfterMs: Number.POSITIVE_INFINITY } : {},
      onStateChange: (state) => {
        if (this.connected && state !== 'connected' && state !== 'closed') this.tally.disconnects += 1;
        this.connected = state === 'connected';
      },
    });
  }

  async run(): Promise<SessionTally> {
    const { clock, client, gateway } = this;
    const end = clock.now() + this.options.hours * HOUR_MS;
    const report = this.settle(client.request('report', 1, { onEvent: ({ offset }) => this.onEvent(offset) }));
    const room = client.subscribe('room', { onMessage: ({ offset }) => this.messages.push(offset) });
    await clock.runUntil(() => this.connected);
    const { subscribed } = room;
    await this.until(() => subscribed);
    this.every(2_000, () => this.emit());
    this.every(3_000, () => gateway.server.publish('room', 0));
    this.every(40_000, () => this.settle(client.publish('room', 1)));
    this.every(60_000, () => this.sync());
    this.every(7_000, () => gateway.server.answerSync());
    const { dropMs } = this.options;
    if (dropMs) this.every(2 * dropMs, () => gateway.dropOne());
    await clock.runUntil(() => clock.now() >= end);
    await this.finish(report);
    return this.result();
  }

  /** Ends all faults and all work, and waits until everything has arrived. */
  private async finish(report: Promise<unknown>): Promise<void> {
    const { clock, gateway } = this;
    this.isOver = true;
    gateway.faults = { lost: 0, refused: 0 };
    const poll = () => {
      gateway.server.answerSync();
      clock.setTimeout(poll, 1_000);
    };
    poll();
    const until = clock.now() + HOUR_MS;
    await clock.runUntil(() => this.tally.unsettled === 1 || clock.now() >= until);
    await clock.runUntil(() => this.messages.length >= this.entries('room') || clock.now() >= until);
    gateway.server.complete('r-1');
    await clock.runUntil(() => this.tally.unsettled === 0 || clock.now() >= until);
    if (this.tally.unsettled === 0) await report;
    this.client.close();
  }

  private result(): SessionTally {
    const { server, connects } = this.gateway;
    const events = (server.requests.get('r-1')?.entries.length ?? 0) - 1;
    const logs = [
      { seen: this.events, first: 0, count: events },
      { seen: this.messages, first: this.messages[0] ?? 0, count: this.entries('room') },
    ];
    const lost = logs.map(({ seen, first, count }) => count - first - new Set(seen).size);
    const repeated = logs.map(
      ({ seen }) => seen.filter((offset, index) => index > 0 && offset <= seen[index - 1]).length,
    );
    return {
      ...this.tally,
      connects: connects.length,
      lost: lost[0] + lost[1],
      repeated: repeated[0] + repeated[1],
      received: this.events.length + this.messages.length,
      syncsTwice: [...server.syncRuns.values()].filter((runs) => runs > 1).length,
    };
  }

  private emit(): void {
    this.emittedAt.push(this.clock.now());
    this.gateway.server.emit('r-1');
  }

  private onEvent(offset: number): void {
    this.events.push(offset);
    this.tally.maxDelayMs = Math.max(this.tally.maxDelayMs, this.clock.now() - (this.emittedAt[offset] ?? 0));
  }

  private entries(topic: string): number {
    return this.gateway.server.topics.get(topic)?.entries.length ?? 0;
  }

  private sync(): void {
    this.tally.syncs += 1;
    void this.settle(this.client.request('echo', 'sync'));
  }

  private settle(promise: Promise<unknown>): Promise<unknown> {
    this.tally.unsettled += 1;
    return promise.then(
      () => this.tally.unsettled--,
      () => {
        this.tally.unsettled--;
        this.tally.failed += 1;
      },
    );
  }

  private async until(promise: () => Promise<unknown>): Promise<void> {
    let isDone = false;
    void promise().then(() => {
      isDone = true;
    });
    await this.clock.runUntil(() => isDone);
  }

  /** Calls a function again and again, after random times below `ms`. */
  private every(ms: number, run: () => unknown): void {
    if (this.isOver) return;
    this.clock.setTimeout(() => {
      if (this.isOver) return;
      run();
      this.every(ms, run);
    }, this.random() * ms);
  }
}
