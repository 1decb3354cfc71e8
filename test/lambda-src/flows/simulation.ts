import type { Item } from '../../../lambda-src/core/condition';
import { requestKey } from '../../../lambda-src/core/keys';
import type { LogEntry } from '../../../lambda-src/core/log';
import { asRequest, isTerminal, type RequestItem } from '../../../lambda-src/core/request';
import { LEASE_MS, renew } from '../../../lambda-src/core/transitions';
import type { Write } from '../../../lambda-src/core/write';
import { acceptRequest } from '../../../lambda-src/flows/accept';
import type { Connection } from '../../../lambda-src/flows/connection';
import { dispatch } from '../../../lambda-src/flows/dispatch';
import type { Deps, Gateway, Queues, Store, World } from '../../../lambda-src/flows/ports';
import { type Heartbeat, processMessage } from '../../../lambda-src/flows/process';
import { sweep } from '../../../lambda-src/flows/sweep';
import type { HandlerContext } from '../../../lambda-src/handler';
import { StreamerError } from '../../../lambda-src/protocol';
import { EVENTS } from '../../../src/contract';
import { MemoryStore } from '../../fakes/memory-store';

/**
 * Rung 1: router, dispatcher, processors and sweeper in one process, on virtual time, in an order that a seed decides.
 *
 * Each call to the world outside is a step. A step may be the last of its actor: it dies before or after the call took
 * effect. Messages and stream records are lost, repeated and reordered. After the chaos the machine is left alone
 * until it is at rest, and then the invariants of the design are checked.
 */

export interface SimulationOptions {
  readonly seed: number;
  /** Makes the store that the actors share; the default is in memory. */
  readonly store?: (onWrite: (write: Write, before: Item | undefined, after: Item | undefined) => void) => Store;
  /** Owner of the requests: simulations that share tables have each their own. @default 't' */
  readonly tenant?: string;
  readonly requests?: number;
  readonly chaosSteps?: number;
}

interface Actor {
  readonly name: string;
  /** When Lambda ends the function. */
  readonly endsAt: number;
  dead: boolean;
  done: boolean;
  /** Fence of its claim, once it has one. */
  fence?: number;
}

interface Step {
  readonly actor: Actor;
  readonly label: string;
  readonly run: () => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Timer {
  readonly actor: Actor;
  readonly at: number;
  readonly fire: () => void;
}

interface QueueMessage {
  readonly id: string;
  readonly body: { readonly requestKey: string };
  visibleAt: number;
}

const START = 1_700_000_000_000;
const TIMEOUT_MS = { router: 29_000, dispatcher: 60_000, sweeper: 60_000, processor: 300_000 };
const MAX_TRIES = 2;
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

export class Simulation {
  public readonly trace: string[] = [];
  public readonly violations: string[] = [];
  public readonly acked = new Set<string>();
  /** Claims of a request whose lease had run out. */
  public takeovers = 0;
  private readonly random: () => number;
  private now = START;
  private ids = 0;
  private steps: Step[] = [];
  private timers: Timer[] = [];
  private messages: QueueMessage[] = [];
  private stream: { sequenceNumber: string; request: RequestItem }[] = [];
  private actors: Actor[] = [];
  private chaos = true;
  private lastSweep = START;
  private readonly sent = new Map<string, string>();
  private readonly store: Store;
  private readonly connection: Connection;

  public constructor(private readonly options: SimulationOptions) {
    this.random = mulberry32(options.seed);
    this.connection = { connectionId: 'c1', connectedAt: 1, tenant: options.tenant ?? 't', user: 'u' };
    const observe = (write: Write, before: Item | undefined, after: Item | undefined) =>
      this.observe(write, before, after);
    this.store = options.store?.(observe) ?? new MemoryStore(observe);
  }

  public async run(): Promise<void> {
    for (let i = 0; i < (this.options.requests ?? 1); i++) this.client(`r${i}`);
    for (let i = 0; i < (this.options.chaosSteps ?? 60); i++) await this.chaosStep();
    this.chaos = false;
    await this.comeToRest();
    await this.check();
  }

  // the world of one actor

  private spawn(name: keyof typeof TIMEOUT_MS, work: (deps: Deps, actor: Actor) => Promise<unknown>): void {
    const actor: Actor = {
      name: `${name}${this.ids++}`,
      endsAt: this.now + TIMEOUT_MS[name],
      dead: false,
      done: false,
    };
    this.actors.push(actor);
    const failed = (error: unknown) => this.trace.push(`${actor.name} failed: ${error}`);
    void work(this.depsOf(actor), actor)
      .catch(failed)
      .finally(() => {
        actor.done = true;
      });
  }

  private depsOf(actor: Actor): Deps {
    const gate = <T>(label: string, run: () => Promise<T>): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        this.steps.push({ actor, label, run, resolve: resolve as (value: unknown) => void, reject });
      });
    const store: Store = {
      get: (table, key) => gate(`get ${table}`, () => this.store.get(table, key)),
      write: (write) => gate(`${write.kind} ${write.table}`, () => this.as(actor, () => this.store.write(write))),
      transact: (writes) => gate('transact', () => this.store.transact(writes)),
      // the due index is read by nobody else at the same time: no step, or it would be most of them
      query: (query) =>
        query.index ? this.store.query(query) : gate(`query ${query.table}`, () => this.store.query(query)),
    };
    const gateway: Gateway = { post: (_, frame) => gate('post', async () => this.receive(frame)) };
    const world: World = {
      now: () => this.now,
      random: () => this.random(),
      newId: () => `id${this.ids++}`,
      sleep: (ms, signal) => this.sleep(actor, ms, signal),
    };
    const quiet = () => undefined;
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    return { store, gateway, world, log, retentionSeconds: 86_400 };
  }

  private sleep(actor: Actor, ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer: Timer = { actor, at: this.now + ms, fire: resolve };
      this.timers.push(timer);
      signal?.addEventListener('abort', () => {
        this.timers = this.timers.filter((other) => other !== timer);
        resolve();
      });
    });
  }

  private writer: Actor | undefined;
  private async as<T>(actor: Actor, run: () => Promise<T>): Promise<T> {
    this.writer = actor;
    try {
      return await run();
    } finally {
      this.writer = undefined;
    }
  }

  // the actors

  private client(id: string): void {
    this.spawn('router', async (deps) => {
      const message = { type: 'request', id, action: 'a', input: { n: 1 } } as const;
      const ack = await acceptRequest(deps, this.connection, message, { maxTries: MAX_TRIES });
      this.acked.add(ack.id);
    });
  }

  private dispatcher(): void {
    const batch = this.stream.splice(0, 1 + Math.floor(this.random() * this.stream.length));
    // a record that is not known to be done comes again, as a stream that is retried does
    this.stream.push(...batch);
    if (this.chaos && this.random() < 0.2) batch.reverse();
    this.spawn('dispatcher', async (deps) => {
      const failed = new Set(await dispatch({ ...deps, queues: this.queuesOf(deps) }, batch));
      this.stream = this.stream.filter((record) => !batch.includes(record) || failed.has(record.sequenceNumber));
    });
  }

  private queuesOf(deps: Deps): Queues {
    return {
      serves: () => true,
      deadLetter: async () => void (await deps.world.sleep(0)),
      send: async (_, messages) => {
        await deps.store.get('requests', { requestKey: messages[0].body.requestKey });
        for (const { body, delaySeconds } of messages) this.enqueue(body, delaySeconds);
        return [];
      },
    };
  }

  private enqueue(body: { requestKey: string }, delaySeconds: number): void {
    if (this.chaos && this.random() < 0.15) return void this.trace.push('message lost');
    const copies = this.chaos && this.random() < 0.15 ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      this.messages.push({ id: `m${this.ids++}`, body, visibleAt: this.now + delaySeconds * 1000 });
    }
  }

  private processor(message: QueueMessage): void {
    message.visibleAt = this.now + LEASE_MS + 2_000;
    this.spawn('processor', async (deps, actor) => {
      const disposition = await processMessage(
        {
          ...deps,
          heartbeat: this.heartbeatOf(deps, actor),
          noteStart: async () => undefined,
          run: (context) => this.handler(deps, context as never),
          parseInput: async (input) => input,
          progressRate: 10,
          retryBackoff: { baseMs: 1_000, maxMs: 30_000 },
        },
        { messageId: message.id, body: message.body, functionEndsAt: this.now + TIMEOUT_MS.processor },
      );
      if (disposition === 'done') this.messages = this.messages.filter(({ id }) => id !== message.id);
      else message.visibleAt = this.now + disposition.againInSeconds * 1000;
    });
  }

  /** Beats or not, as the seed says: without it the lease runs out under a handler that is alive. */
  private heartbeatOf(deps: Deps, actor: Actor): Heartbeat {
    let beating = false;
    return {
      start: async (claim, onLost) => {
        actor.fence = claim.fence;
        beating = this.random() < 0.6;
        const beat = async (): Promise<void> => {
          while (beating && !actor.dead) {
            await deps.world.sleep(20_000);
            if (!beating || actor.dead) return;
            if (!(await deps.store.write(renew(claim, this.now))).applied) return onLost();
          }
        };
        if (beating) void beat();
      },
      handlerEnded: () => undefined,
      stop: () => {
        beating = false;
      },
    };
  }

  private async handler(deps: Deps, context: HandlerContext): Promise<unknown> {
    const fate = this.random();
    context.progress(30, 'working');
    if (this.random() < 0.5) await context.emit('step', { attempt: context.request.attempt });
    if (this.random() < 0.3) await deps.world.sleep(this.random() * 150_000);
    if (this.random() < 0.3) await context.emit('late', { attempt: context.request.attempt });
    if (fate < 0.2) throw new Error('broken');
    if (fate < 0.3) throw new StreamerError('NO_LUCK', 'no luck', { retryable: false });
    return { by: context.request.attempt };
  }

  // the order of things

  private async chaosStep(): Promise<void> {
    const choice = this.random();
    if (choice < 0.7 && this.steps.length > 0) await this.takeStep();
    else if (choice < 0.8) this.deliver();
    else if (choice < 0.9 && this.stream.length > 0) this.dispatcher();
    else if (choice < 0.92) this.spawn('sweeper', sweep);
    else this.advance(this.random() < 0.5 ? 1_000 : 40_000);
    await settle();
  }

  private deliver(): void {
    const running = this.actors.filter((a) => a.name.startsWith('processor') && !a.done && !a.dead).length;
    const visible = this.messages.filter(({ visibleAt }) => visibleAt <= this.now);
    if (running < 2 && visible.length > 0) this.processor(visible[Math.floor(this.random() * visible.length)]);
  }

  private async takeStep(): Promise<void> {
    const index = Math.floor(this.random() * this.steps.length);
    const [step] = this.steps.splice(index, 1);
    if (step.actor.dead) return;
    const dies = this.chaos && this.random() < 0.06;
    if (dies && this.random() < 0.5) return this.kill(step, 'before');
    await step.run().then(dies ? () => this.kill(step, 'after') : step.resolve, step.reject);
    if (!dies) this.trace.push(`${step.actor.name} ${step.label}`);
  }

  private kill({ actor, label }: Step, when: string): void {
    this.trace.push(`${actor.name} dies ${when} ${label}`);
    this.end(actor);
  }

  private end(actor: Actor): void {
    actor.dead = true;
    this.steps = this.steps.filter((step) => step.actor !== actor);
    this.timers = this.timers.filter((timer) => timer.actor !== actor);
  }

  private advance(ms: number): void {
    this.now += ms;
    for (const actor of this.actors) if (!actor.done && actor.endsAt <= this.now) this.end(actor);
    const due = this.timers.filter(({ at }) => at <= this.now);
    this.timers = this.timers.filter(({ at }) => at > this.now);
    for (const { fire } of due) fire();
  }

  /** No more faults: everything that is under way goes on, and the sweeper runs every minute. */
  private async comeToRest(): Promise<void> {
    for (let i = 0; i < 3_000; i++) {
      await settle();
      if (this.steps.length > 0) await this.takeStep();
      else if (this.messages.some(({ visibleAt }) => visibleAt <= this.now) && this.canDeliver()) this.deliver();
      else if (this.stream.length > 0 && !this.busy('dispatcher')) this.dispatcher();
      else if (await this.atRest()) return;
      else this.tick();
    }
    this.violations.push('the machine did not come to rest');
  }

  private canDeliver(): boolean {
    return this.actors.filter((a) => a.name.startsWith('processor') && !a.done && !a.dead).length < 2;
  }

  private busy(kind: string): boolean {
    return this.actors.some((a) => a.name.startsWith(kind) && !a.done && !a.dead);
  }

  private tick(): void {
    this.advance(5_000);
    if (this.now - this.lastSweep < 60_000) return;
    this.lastSweep = this.now;
    if (!this.busy('sweeper')) this.spawn('sweeper', sweep);
  }

  private async atRest(): Promise<boolean> {
    if (this.stream.length > 0 || this.actors.some((a) => !a.done && !a.dead && !a.name.startsWith('sweeper')))
      return false;
    const states = await Promise.all([...this.acked].map((id) => this.request(id)));
    return states.every((request) => request && isTerminal(request.status));
  }

  private async request(id: string): Promise<RequestItem | undefined> {
    const item = await this.store.get('requests', { requestKey: requestKey(this.connection, id) });
    return item && asRequest(item);
  }

  // what must always hold

  private receive(frame: string): 'sent' | 'busy' {
    if (this.chaos && this.random() < 0.1) return 'busy';
    const message = JSON.parse(frame) as { type: string; id: string; offset?: number };
    if (message.offset === undefined) return 'sent';
    const place = `${message.id}@${message.offset}`;
    const before = this.sent.get(place);
    if (before !== undefined && before !== frame) this.violations.push(`two frames at ${place}: ${before} / ${frame}`);
    this.sent.set(place, frame);
    return 'sent';
  }

  private observe(write: Write, before: Item | undefined, after: Item | undefined): void {
    if (write.table === 'events') this.observeLog(after);
    if (write.table !== 'requests' || !after?.status) return;
    this.observeTransition(before, after);
    const sequenceNumber = String(this.ids++).padStart(9, '0');
    if (after.status !== 'RUNNING') this.stream.push({ sequenceNumber, request: asRequest({ ...after }) });
  }

  private observeTransition(before: Item | undefined, after: Item): void {
    const [from, to] = [before ? asRequest(before) : undefined, asRequest(after)];
    const isClaim = to.fence !== (from?.fence ?? 0);
    const legal = !from ? to.status === 'PENDING' : LEGAL.has(`${from.status}>${to.status}`);
    if (!legal) this.violations.push(`illegal transition ${from?.status} to ${to.status}`);
    if (isClaim && to.fence !== (from?.fence ?? 0) + 1) this.violations.push('the fence leapt');
    if (isClaim && from?.status === 'RUNNING') this.takeovers++;
    if (to.tries > MAX_TRIES) this.violations.push(`tried ${to.tries} times`);
    const fence = this.writer?.fence;
    if (!isClaim && fence !== undefined && from?.fence !== fence) {
      this.violations.push(`${this.writer?.name} with fence ${fence} wrote over fence ${from?.fence}`);
    }
  }

  private readonly marked = new Map<string, number>();
  private observeLog(after: Item | undefined): void {
    if (!after || Number(after[EVENTS.sortKey]) < 0) return;
    const log = String(after[EVENTS.partitionKey]);
    const latest = this.marked.get(log) ?? 0;
    const attempt = Number(after.attempt);
    if (after.kind === 'event' && attempt < latest) this.violations.push(`attempt ${attempt} wrote after ${latest}`);
    if (after.name === '$attempt') this.marked.set(log, Math.max(latest, attempt));
  }

  private async check(): Promise<void> {
    for (const id of this.acked) {
      const request = await this.request(id);
      if (!request) this.violations.push(`${id} is lost`);
      else if (!isTerminal(request.status)) this.violations.push(`${id} is ${request.status}`);
      else await this.checkLog(request);
    }
  }

  private async checkLog(request: RequestItem): Promise<void> {
    const partition = `${request.requestKey}#${request.epoch}`;
    const log = (await this.store.query({ table: 'events', partition, from: 0 })) as unknown as LogEntry[];
    log.forEach(({ offset }, index) => {
      if (offset !== index) this.violations.push(`offset ${offset} at place ${index}`);
    });
    const ends = log.filter(({ kind, run }) => kind === 'end' && run === request.run);
    if (ends.length !== 1) this.violations.push(`${ends.length} ends`);
    if (log.at(-1)?.kind !== 'end') this.violations.push('the log goes on after its end');
  }
}

const LEGAL = new Set([
  'PENDING>PENDING',
  'PENDING>RUNNING',
  'PENDING>FAILED',
  'RUNNING>RUNNING',
  'RUNNING>PENDING',
  'RUNNING>COMPLETED',
  'RUNNING>FAILED',
]);

function mulberry32(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
