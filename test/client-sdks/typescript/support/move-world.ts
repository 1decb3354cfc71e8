import { type ConnectionState, StreamerClient, type Timing } from '../../../../client-sdks/typescript/src';
import { randomNumbers } from '../../../support/random';
import { VirtualClock } from './virtual-clock';
import { type Faults, VirtualGateway } from './virtual-gateway';

/** An action of the application, the server or the network. */
export type MoveAction =
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'emit' | 'publish' | 'sync' | 'request' | 'subscribe' | 'leave' | 'send' | 'complete' }
  | { readonly kind: 'expire' | 'drop' | 'offline' | 'online' | 'sleep' };

/** Short times, so that a few actions lead through several connections. */
const TIMING: Partial<Timing> = { moveAfterMs: 60_000, moveSpreadMs: 20_000 };
const LIFE_MS = 130_000;

/** A client on a gateway that closes each connection after two minutes, with all that an application sees. */
export class MoveWorld {
  readonly states: ConnectionState[] = [];
  /** Offsets of the events of each request, as they were delivered. */
  readonly events = new Map<string, number[]>();
  /** Offsets of the messages of each subscription, as they were delivered. */
  readonly messages: { topic: string; offsets: number[]; isOver: boolean }[] = [];
  readonly recovered: boolean[] = [];
  readonly failures: unknown[] = [];
  unsettled = 0;
  mostOpen = 0;
  readonly gateway: VirtualGateway;
  private readonly clock = new VirtualClock();
  private readonly client: StreamerClient;
  private readonly leaves: (() => void)[] = [];
  private readonly wakes: (() => void)[] = [];
  private ids = 0;

  constructor(seed: number, faults?: Faults) {
    const { clock } = this;
    const random = randomNumbers(seed);
    this.gateway = new VirtualGateway({ clock, random, faults, lifeMs: LIFE_MS, latencyMs: 1_500 });
    this.client = new StreamerClient('wss://streamer.example.com', {
      token: async () => 'token',
      webSocket: this.gateway.webSocket,
      clock,
      random,
      timing: TIMING,
      newId: () => `n-${++this.ids}`,
      wake: (...wakes) => {
        this.wakes.push(...wakes);
        return () => undefined;
      },
      onStateChange: (state) => this.states.push(state),
    });
    this.settle(this.client.connect());
  }

  async act(action: MoveAction): Promise<void> {
    const { server } = this.gateway;
    const acts: Record<MoveAction['kind'], () => unknown> = {
      advance: () => this.advance('ms' in action ? action.ms : 0),
      emit: () => [...server.requests.keys()].map((id) => server.emit(id)),
      publish: () => [...server.topics.keys()].map((topic) => server.publish(topic, 0)),
      sync: () => this.sync(),
      request: () => this.request(),
      subscribe: () => this.subscribe(),
      leave: () => this.leaves.shift()?.(),
      send: () => this.settle(this.client.publish('topic', 1)),
      complete: () => server.complete([...server.requests.keys()][0] ?? ''),
      expire: () => [...this.gateway.open].map((socket) => server.expired.add(socket)),
      drop: () => this.gateway.dropOne(),
      offline: () => this.wakes[1]?.(),
      online: () => this.wakes[0]?.(),
      sleep: () => this.clock.sleep(3_600_000),
    };
    await acts[action.kind]();
    await this.advance(0);
  }

  /** Ends all faults, ends the work, and waits until everything has arrived. */
  async finish(): Promise<void> {
    const { gateway, client } = this;
    gateway.faults = { lost: 0, refused: 0 };
    await this.act({ kind: 'online' });
    for (let i = 0; i < 60; i++) {
      gateway.server.answerSync();
      await this.advance(10_000);
    }
    for (const id of gateway.server.requests.keys()) gateway.server.complete(id);
    for (let i = 0; i < 20 && this.unsettled > 0; i++) await this.advance(10_000);
    client.close();
    await this.advance(10_000);
  }

  get now(): number {
    return this.clock.now();
  }

  get pendingTimers(): number {
    return this.clock.pending;
  }

  private async advance(ms: number): Promise<void> {
    for (let left = ms; left >= 0; left -= 1_000) {
      await this.clock.advance(Math.min(left, 1_000));
      // The server answers a sync request within ten seconds.
      if (this.clock.now() % 10_000 < 1_000) this.gateway.server.answerSync();
      this.mostOpen = Math.max(this.mostOpen, this.gateway.open.size);
    }
  }

  private sync(): void {
    this.settle(this.client.request('echo', 'sync', { ackTimeoutMs: Number.POSITIVE_INFINITY }));
  }

  private request(): void {
    const offsets: number[] = [];
    const handle = this.client.request('report', 1, { onEvent: ({ offset }) => offsets.push(offset) });
    this.events.set(handle.id, offsets);
    this.settle(handle);
  }

  private subscribe(): void {
    const topic = `t-${this.messages.length % 2}`;
    if (this.messages.some((other) => other.topic === topic && !other.isOver)) return;
    const seen = { topic, offsets: [] as number[], isOver: false };
    this.messages.push(seen);
    const subscription = this.client.subscribe(topic, {
      onMessage: ({ offset }) => seen.offsets.push(offset),
      onRecovered: (recovered) => this.recovered.push(recovered),
    });
    this.leaves.push(() => {
      seen.isOver = true;
      subscription.unsubscribe();
    });
    this.settle(subscription.subscribed);
  }

  private settle(promise: Promise<unknown>): void {
    this.unsettled += 1;
    promise.then(
      () => this.unsettled--,
      (error) => {
        this.unsettled--;
        this.failures.push(error);
      },
    );
  }
}
