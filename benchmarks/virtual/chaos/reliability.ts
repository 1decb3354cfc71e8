import { StreamerClient } from '../../../client-sdks/typescript/src';
import { decodeRequest, logKey, requestKey } from '../../../lambda-src/core';
import type { HandlerContext } from '../../../lambda-src/handler';
import { FaultPlan, type FaultProfile } from '../../../local/emulator/chaos';
import { VirtualGateway } from '../../../test/client-sdks/typescript/support/virtual-gateway';
import { randomNumbers } from '../../../test/support/random';
import type { VirtualClock } from '../clock';
import type { Invocation } from '../invocation';
import { ACTION, VirtualWorld } from '../world';
import { type Outcome, type StoredLog, storedLog } from './outcome';
import { FaultyRouter } from './router';
import { Viewer } from './viewer';

export interface Workload {
  readonly seed: number;
  readonly requests: number;
  /** Events that the handler of each request emits. */
  readonly events: number;
}

const REQUESTS_PER_USER = 10;
const MAX_ATTEMPTS = 100;
/** Time in which all requests are sent, for each request. */
const SEND_MS = 400;
/** Longest time until the second device of the user attaches. */
const ATTACH_MS = 8_000;
/** Longest time between two events. */
const EVENT_MS = 80;
/** Time after the end of all requests, in which the functions finish their work. */
const REST_MS = 120_000;
/** The experiment fails if its requests have not ended by then. */
const LIMIT_MS = 6 * 3_600_000;

/**
 * Users send requests from one device and follow them from a second device, while the faults of a profile occur. The clients, the functions, the queue and
 * its mapping run their real code in virtual time. The faults end when all viewers have an outcome.
 */
export class Reliability {
  private readonly plan: FaultPlan;
  private readonly world: VirtualWorld;
  private readonly gateway: VirtualGateway<FaultyRouter>;
  private readonly viewers: Viewer[] = [];
  private readonly clients: StreamerClient[] = [];
  private readonly random: () => number;

  public constructor(
    private readonly workload: Workload,
    profile: FaultProfile,
  ) {
    this.random = randomNumbers(workload.seed);
    this.plan = new FaultPlan(workload.seed, profile);
    const actions = new Map([[ACTION, { kind: 'async', maxAttempts: MAX_ATTEMPTS } as const]]);
    const world = () => this.world;
    this.world = new VirtualWorld({
      seed: workload.seed,
      maxConcurrency: 200,
      maxAttempts: MAX_ATTEMPTS,
      plan: this.plan,
      handler: (invocation, context) => this.handle(invocation, context as unknown as HandlerContext),
      post: (...args) => this.gateway.server.post(...args),
    });
    const { clock } = this.world;
    const server = new FaultyRouter(world, this.plan, actions, clock.now());
    this.gateway = new VirtualGateway({ clock, random: this.random, server });
  }

  /** @throws Error if the requests do not end */
  public async run(): Promise<Outcome> {
    const { clock } = this.world;
    const beganAt = clock.now();
    const count = this.workload.requests;
    for (let first = 0; first < count; first += REQUESTS_PER_USER)
      this.startUser(first, Math.min(count, first + REQUESTS_PER_USER));
    const isOver = () => this.viewers.length === 2 * count && this.viewers.every(({ settled }) => settled > 0);
    await this.runUntil(() => isOver() || clock.now() - beganAt > LIMIT_MS);
    this.plan.stop();
    const durationMs = clock.now() - beganAt;
    const restedAt = clock.now() + REST_MS;
    await this.runUntil(() => clock.now() >= restedAt);
    for (const client of this.clients) client.close();
    const logs = new Map<string, StoredLog>();
    for (const { id, user } of this.viewers) if (!logs.has(id)) logs.set(id, await this.logOf(user, id));
    return { viewers: this.viewers, logs, faults: { ...this.plan.injected }, kills: this.world.crashes, durationMs };
  }

  private runUntil(isDone: () => boolean): Promise<void> {
    this.world.clock.setTimeout(() => undefined, REST_MS);
    return this.world.clock.runUntil(isDone);
  }

  private startUser(first: number, last: number): void {
    const user = `u${first}`;
    const [page, phone] = [this.connect(user), this.connect(user)];
    const { clock } = this.world;
    for (let n = first; n < last; n++) {
      clock.setTimeout(() => this.follow(page, phone, user, `r${n}`), this.random() * this.workload.requests * SEND_MS);
    }
  }

  private connect(user: string): StreamerClient {
    const { clock } = this.world;
    const client = new StreamerClient('wss://streamer.example.com', {
      token: async () => 'token',
      webSocket: this.socketOf(user),
      clock: clock as never,
      random: this.random,
      wake: () => () => undefined,
    });
    this.clients.push(client);
    return client;
  }

  private socketOf(user: string) {
    const { webSocket, server } = this.gateway;
    return class extends webSocket {
      public constructor() {
        super();
        server.identify(this, user);
      }
    };
  }

  /** Sends a request, and lets the second device attach after the acknowledgment. */
  private follow(page: StreamerClient, phone: StreamerClient, user: string, id: string): void {
    const { clock } = this.world;
    const sender = this.viewer(user, id);
    const attach = () => {
      const second = this.viewer(user, id);
      second.settleBy(phone.attach(ACTION, { id }, second.listeners));
    };
    sender.onAck = () => clock.setTimeout(attach, this.random() * ATTACH_MS);
    sender.settleBy(page.request(ACTION, { n: id }, { id, ...sender.listeners }));
  }

  private viewer(user: string, id: string): Viewer {
    const viewer = new Viewer(user, id);
    this.viewers.push(viewer);
    return viewer;
  }

  /** The handler of the user: it emits events and reports progress. */
  private async handle(invocation: Invocation, { request, emit, progress, signal }: HandlerContext): Promise<unknown> {
    const { clock, random } = this.world;
    const { events } = this.workload;
    for (let n = 0; n < events && !invocation.dead; n++) {
      await emit('row', { request: request.id, n });
      progress((100 * n) / events, `row ${n}`);
      await (clock as VirtualClock).sleep(random() * EVENT_MS, signal as AbortSignal);
    }
    return { request: request.id, rows: events };
  }

  private async logOf(user: string, id: string): Promise<StoredLog> {
    const { deps, clock } = this.world;
    const key = requestKey({ tenant: `tenant-${user}`, user }, id);
    const read = async (): Promise<StoredLog> => {
      const item = await deps.store.get('requests', { requestKey: key });
      if (!item) return storedLog(undefined, []);
      const request = decodeRequest(item);
      return storedLog(
        request.status,
        await deps.store.query({ table: 'events', partition: logKey(request), from: 0 }),
      );
    };
    let log: StoredLog | undefined;
    void read().then((value) => {
      log = value;
    });
    await clock.runUntil(() => log !== undefined);
    return log as unknown as StoredLog;
  }
}
