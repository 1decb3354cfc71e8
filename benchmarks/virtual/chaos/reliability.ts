import { StreamerClient } from '../../../client-sdks/typescript/src';
import { decodeRequest, logKey, requestKey } from '../../../lambda-src/core';
import type { HandlerContext } from '../../../lambda-src/handler';
import { FaultPlan, type FaultProfile } from '../../../local/emulator/chaos';
import { VirtualGateway } from '../../../test/client-sdks/typescript/support/virtual-gateway';
import { randomNumbers } from '../../../test/support/random';
import { Audience, type Workload } from '../../chaos/audience';
import { type Outcome, type StoredLog, storedLog } from '../../chaos/outcome';
import type { VirtualClock } from '../clock';
import type { Invocation } from '../invocation';
import { ACTION, VirtualWorld } from '../world';
import { FaultyRouter } from './router';

const MAX_ATTEMPTS = 100;
/** Time in which all requests are sent, in milliseconds for each request. */
const SEND_MS = 400;
/** Longest time between two events. */
const EVENT_MS = 80;
/** Time after the end of all requests, in which the functions finish their work. */
const REST_MS = 120_000;
/** Longest duration of the experiment. */
const LIMIT_MS = 6 * 3_600_000;

/**
 * Users send requests from one device and follow them from a second device, while the faults of a profile occur. The clients, the functions, the queue and
 * its mapping run their real code in virtual time. The faults end when all viewers have an outcome.
 */
export class Reliability {
  private readonly plan: FaultPlan;
  private readonly world: VirtualWorld;
  private readonly gateway: VirtualGateway<FaultyRouter>;
  private readonly audience: Audience;
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
    this.audience = new Audience({
      ...{ clock, random: this.random, action: ACTION, requests: workload.requests, sendMs: SEND_MS },
      inputOf: (id) => ({ n: id }),
      connect: (user) => this.connect(user),
    });
  }

  /** Runs until each viewer has an outcome, or until the limit of time. */
  public async run(): Promise<Outcome> {
    const { plan, world } = this;
    const { clock } = world;
    const beganAt = clock.now();
    this.audience.start();
    await this.runUntil(() => this.audience.isServed || clock.now() - beganAt > LIMIT_MS);
    plan.stop();
    const durationMs = clock.now() - beganAt;
    const restedAt = clock.now() + REST_MS;
    await this.runUntil(() => clock.now() >= restedAt);
    this.audience.close();
    const { viewers } = this.audience;
    const logs = new Map<string, StoredLog>();
    for (const { id, user } of viewers) if (!logs.has(id)) logs.set(id, await this.logOf(user, id));
    return { viewers, logs, faults: { ...plan.injected }, kills: world.crashes, durationMs };
  }

  private runUntil(isDone: () => boolean): Promise<void> {
    this.world.clock.setTimeout(() => undefined, REST_MS);
    return this.world.clock.runUntil(isDone);
  }

  private connect(user: string): StreamerClient {
    const { clock } = this.world;
    return new StreamerClient('wss://streamer.example.com', {
      token: async () => 'token',
      webSocket: this.socketOf(user),
      clock: clock as never,
      random: this.random,
      wake: () => () => undefined,
    });
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
