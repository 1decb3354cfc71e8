import { requestKey } from '../../../../lambda-src/core/keys';
import { type LogEntry, outcomeOf } from '../../../../lambda-src/core/log';
import {
  decodeRequest,
  isDeadLetter,
  isTerminal,
  type RequestItem,
  sliceOf,
  type WorkMessage,
} from '../../../../lambda-src/core/request';
import { LEASE_MS, SILENCE_MS } from '../../../../lambda-src/core/transitions';
import { type Item, type Key, UncertainWrite, type Write } from '../../../../lambda-src/core/write';
import { type Renewal, renewClaim, startNoter } from '../../../../lambda-src/flows/attempt/claim';
import { type Heartbeat, processMessage } from '../../../../lambda-src/flows/attempt/process';
import { AbandonedAttempt } from '../../../../lambda-src/flows/attempt/run-attempt';
import { type Connection, connect, disconnect } from '../../../../lambda-src/flows/connect/connection';
import { dispatch } from '../../../../lambda-src/flows/dispatch/dispatch';
import { sweep } from '../../../../lambda-src/flows/dispatch/sweep';
import type { RequestReader } from '../../../../lambda-src/flows/operations';
import { redriveRequest } from '../../../../lambda-src/flows/operations/one-request';
import type { Deps, Gateway, Platform, Query, Queues, Store } from '../../../../lambda-src/flows/ports';
import { acceptRequest } from '../../../../lambda-src/flows/requests/accept';
import { attach } from '../../../../lambda-src/flows/requests/attach';
import { answerCancel } from '../../../../lambda-src/flows/requests/cancel';
import { FatalError, type HandlerContext } from '../../../../lambda-src/handler';
import {
  CONSTANTS,
  type Json,
  type LogFrame,
  type RequestMessage,
  StreamerError,
} from '../../../../lambda-src/protocol';
import type { CapConfig, EndedAttempt } from '../../../../src/contract';
import { DEFAULTS, EVENTS, OUTBOX_STATUSES } from '../../../../src/contract';
import { MemoryStore } from '../../../fakes/memory-store';
import { randomNumbers } from '../../../support/random';
import { settle } from '../../support/settle';
import { Cancellations } from './cancellations';
import { Leavings } from './leavings';
import { type CapRule, LiveAttempts } from './live-attempts';
import { Messages, type SentMessage } from './messages';
import { SimulatedViewer } from './simulated-viewer';

/**
 * A simulation of router, dispatcher, processors and sweeper in one process. Time is virtual, and a seed decides the order of all steps.
 *
 * Each call to the platform is a step. A step may be the last one of its actor, which dies before or after the call took effect. A call may also fail
 * although its actor lives: it is throttled, or its answers are lost, whether it took effect or not. Messages and stream records are lost, repeated
 * and reordered. The due index lags, and clocks differ. Viewers come, go and do not read. Requests are sent twice, cancelled and run again, and get messages. After the
 * chaos, no further faults occur until all work is finished. Then the invariants of the design are checked.
 */

export interface SimulationOptions {
  readonly seed: number;
  /** Creates the store that the actors share. The default is a store in memory. */
  readonly store?: (onWrite: (write: Write, before: Item | undefined, after: Item | undefined) => void) => Store;
  /** Owner of the requests. Simulations that share tables have different owners. @default 't' */
  readonly tenant?: string;
  readonly requests?: number;
  readonly chaosSteps?: number;
  /** Whether every processor dies before its claim. */
  readonly neverStarts?: boolean;
  /** Caps of concurrent attempts, which are checked. */
  readonly caps?: readonly CapConfig[];
  /** The caps are checked, but the processors do not know them. */
  readonly uncapped?: boolean;
  /** Time after which requests without viewers are cancelled. @default - requests continue */
  readonly cancelAfterMs?: number;
  /** Maximum number of processors at a time. @default 2 */
  readonly processors?: number;
}

interface Actor {
  readonly name: string;
  readonly startedAt: number;
  /** Time at which Lambda ends the function. */
  readonly endsAt: number;
  dead: boolean;
  done: boolean;
  /** Fence of the actor's claim, once it has one. */
  fence?: number;
  /** Milliseconds by which the actor's clock differs from the true time. */
  readonly skew: number;
}

interface Step {
  readonly actor: Actor;
  readonly label: string;
  /** Kind of the call. Calls to the store may fail although their actor lives, and the effect of a write may be unknown. */
  readonly kind: 'read' | 'write' | 'other';
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
  readonly body: WorkMessage;
  visibleAt: number;
}

const START = 1_700_000_000_000;
const TIMEOUT_MS = { router: 29_000, dispatcher: 60_000, sweeper: 60_000, processor: 300_000, operator: 60_000 };
/** The user's side. Nothing ends this actor. */
const USER: Actor = { name: 'user', startedAt: 0, endsAt: Number.POSITIVE_INFINITY, dead: false, done: false, skew: 0 };
const MAX_ATTEMPTS = 2;
/** Interval of the heartbeat. */
const RENEW_MS = CONSTANTS.timing.leaseRenewSeconds * 1000;
/** Time after the acknowledgment of a cancellation after which no code of the handler runs. */
const STOP_MS = 2_000;
/** Longest interval at which an attempt reads its viewers. */
const WATCH_MS = 1_000;
/** Maximum deviation of one clock from the true time. Two clocks may differ by twice as much. */
const MAX_SKEW_MS = 4_000;
/** Some requests start later, also beyond the delay of a queue. */
const MAX_AHEAD_MS = 1_500_000;
const HOUR_MS = 3_600_000;
/** An operation on one request reads no others. */
const NO_READER = {} as RequestReader;

export class Simulation {
  public readonly trace: string[] = [];
  public readonly violations: string[] = [];
  public readonly acked = new Set<string>();
  private readonly counts: Record<string, number> = {};
  private readonly cancellations = new Cancellations();
  public readonly sentMessages: Messages;
  /** Promises about leaving viewers; undefined if requests continue without viewers. */
  public readonly leavings: Leavings | undefined;
  public readonly attempts: LiveAttempts;
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
  private readonly viewers: SimulatedViewer[] = [];
  /** Events whose `emit` was begun, and those whose `emit` resolved. */
  private readonly emits = { begun: [] as string[], resolved: [] as string[] };
  private readonly letters = new Map<string, number>();
  /** Calls that may have lost or doubled a dead letter: a record was lost, or a dispatcher failed or died. */
  private readonly dispatching = new Set<object>();
  private readonly excused = { lostRecords: false, dispatcherFailed: false };
  private readonly refused = new Set<string>();
  private readonly noteStart: () => Promise<void>;
  private calmAt = Number.POSITIVE_INFINITY;
  private restedAt = 0;
  /** Delays with which slices continued. */
  private delayedMs = 0;

  public constructor(private readonly options: SimulationOptions) {
    this.random = randomNumbers(options.seed);
    this.sentMessages = new Messages(this.random);
    this.attempts = new LiveAttempts(() => this.now + MAX_SKEW_MS, (options.caps ?? []).map(ruleOf));
    const { cancelAfterMs } = options;
    this.leavings = cancelAfterMs === undefined ? undefined : new Leavings(cancelAfterMs, 2 * MAX_SKEW_MS);
    this.connection = { connectionId: 'c1', connectedAt: START, tenant: options.tenant ?? 't', user: 'u' };
    const observe = (write: Write, before: Item | undefined, after: Item | undefined) =>
      this.observe(write, before, after);
    this.store = options.store?.(observe) ?? new MemoryStore(observe);
    this.noteStart = startNoter(this.plainDeps(), 'a');
  }

  public async run(): Promise<void> {
    const ids = Array.from({ length: this.options.requests ?? 1 }, (_, i) => `r${i}`);
    await connect(this.plainDeps(), this.connection);
    for (const id of ids) this.viewers.push(new SimulatedViewer(this.connection, id));
    for (const id of ids) this.send(id);
    for (let i = 0; i < (this.options.chaosSteps ?? 60); i++) await this.chaosStep();
    this.chaos = false;
    this.calmAt = this.now;
    if (this.leavings && this.random() < 0.7) this.leaveForGood();
    // A client sends a request again if nobody has answered it.
    for (const id of ids) if (!this.acked.has(id) && !this.refused.has(id)) this.send(id);
    await this.comeToRest();
    this.restedAt = this.now - this.calmAt;
    await this.check();
    for (const forget of this.listening) forget();
  }

  /** How often each kind of fault and of other events occurred. */
  public get seen(): Readonly<Record<string, number>> {
    const ofMessages = Object.entries(this.sentMessages.seen).map(([what, times]) => [`message ${what}`, times]);
    const together = this.attempts.most > 1 ? 1 : 0;
    return {
      ...this.counts,
      ...Object.fromEntries(ofMessages),
      ...this.leavings?.seen,
      acked: this.acked.size,
      together,
    };
  }

  private count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** Counts a fault or a step of a user, and writes it to the trace. */
  private note(what: string, line: string): void {
    this.count(what);
    this.trace.push(line);
  }

  // the platform of one actor

  private spawn(name: keyof typeof TIMEOUT_MS, work: (deps: Deps, actor: Actor) => Promise<unknown>): void {
    const actor: Actor = {
      name: `${name}${this.ids++}`,
      startedAt: this.now,
      endsAt: this.now + TIMEOUT_MS[name],
      dead: false,
      done: false,
      skew: Math.round((this.random() - 0.5) * 2 * MAX_SKEW_MS),
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
    const gate = <T>(kind: Step['kind'], label: string, run: () => Promise<T>): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        this.steps.push({ actor, label, kind, run, resolve: resolve as (value: unknown) => void, reject });
      });
    const store: Store = {
      get: (table, key, consistency) =>
        gate('read', `get ${table}`, () =>
          consistency === 'eventual' ? this.earlier(key) : this.store.get(table, key),
        ),
      getAll: (table, keys) => gate('read', `get all ${table}`, () => this.store.getAll(table, keys)),
      write: (write) =>
        gate('write', `${write.kind} ${write.table}`, () => this.as(actor, () => this.store.write(write))),
      transact: (writes) => gate('read', 'transact', () => this.as(actor, () => this.store.transact(writes))),
      // Nobody else reads the due index at the same time. So reading it is not a step; otherwise most steps would be reads of the index.
      query: (query) =>
        query.index ? this.queryIndex(query) : gate('read', `query ${query.table}`, () => this.store.query(query)),
    };
    const gateway: Gateway = {
      post: (to, frame) => gate('other', 'post', async () => this.receive(to, frame)),
    };
    const platform: Platform = {
      now: () => this.now + actor.skew,
      random: () => this.random(),
      newId: () => `id${this.ids++}`,
      sleep: (ms, signal) => this.sleep(actor, ms, signal),
    };
    const quiet = () => undefined;
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    return { store, gateway, platform, log, limits: DEFAULTS.limits, retentionSeconds: 86_400 };
  }

  /** Dependencies for actions that happen at once and never fail. */
  private plainDeps(): Deps {
    const quiet = () => undefined;
    return {
      store: this.store,
      gateway: { post: async () => 'sent' },
      platform: {
        now: () => this.now,
        random: () => 0.5,
        newId: () => `id${this.ids++}`,
        sleep: async () => undefined,
      },
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      limits: DEFAULTS.limits,
      retentionSeconds: 86_400,
    };
  }

  /** Reads an item of the events table that may not have its latest write yet. */
  private async earlier(key: Key): Promise<Item | undefined> {
    const text = Object.values(key).join(' ');
    if (!this.chaos || this.random() < 0.5 || !this.before.has(text)) return this.store.get('events', key);
    this.count('earlier read');
    return this.before.get(text);
  }
  /** Items of the events table as they were before their latest write. */
  private readonly before = new Map<string, Item | undefined>();

  /** Reads the due index, which lags behind the table. */
  private async queryIndex(query: Query): Promise<Item[]> {
    return this.chaos && this.random() < 0.2 ? [] : this.store.query(query);
  }

  /** Listeners of signals. Node.js keeps a signal of `AbortSignal.any` that has a listener, and with it the simulation, until the signal fires. */
  private readonly listening = new Set<() => void>();

  private sleep(actor: Actor, ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const stop = () => {
        this.timers = this.timers.filter((other) => other !== timer);
        resolve();
      };
      const forget = () => {
        signal?.removeEventListener('abort', stop);
        this.listening.delete(forget);
      };
      const fire = () => {
        forget();
        resolve();
      };
      const timer: Timer = { actor, at: this.now + ms, fire };
      this.timers.push(timer);
      signal?.addEventListener('abort', stop);
      if (signal) this.listening.add(forget);
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

  /** Sends a request, for the first time or again. */
  private send(id: string): void {
    // The outcome of this message is unknown until it is answered, whatever the answer to an earlier one was.
    this.refused.delete(id);
    this.spawn('router', async (deps, actor) => {
      this.senders.set(actor, id);
      // the same text each time
      if (!this.inputs.has(id)) this.inputs.set(id, this.inputOf(id));
      const message = { type: 'request', id, action: 'a', ...this.inputs.get(id) } as RequestMessage;
      const viewer = this.viewers.find((each) => each.id === id) as SimulatedViewer;
      if (this.gone.has(viewer.connection.connectionId)) await this.reconnect(deps, viewer);
      try {
        const ack = await acceptRequest(deps, viewer.connection, message, {
          maxAttempts: MAX_ATTEMPTS,
          cancelAfterMs: this.options.cancelAfterMs,
        });
        this.acked.add(id);
        this.refused.delete(id);
        viewer.takeAck(ack);
      } catch (error) {
        if ((error as StreamerError).code === 'OUTCOME_UNKNOWN') return this.sendAgain(id);
        // Another message with the same id may still be processed, or its actor may have died. So the outcome is unknown.
        if (this.sending(id) > 1) return this.sendAgain(id);
        if (!this.acked.has(id)) this.refused.add(id);
      }
    });
  }
  private inputOf(id: string): Pick<RequestMessage, 'input' | 'notBefore'> {
    const group = groupOf(id);
    const input: Json = this.random() < 0.8 ? { group } : { group, text: 'x'.repeat(3_000) };
    return this.random() < 0.9 ? { input } : { input, notBefore: this.now + Math.floor(this.random() * MAX_AHEAD_MS) };
  }
  private readonly senders = new Map<Actor, string>();
  private sending(id: string): number {
    return [...this.senders].filter(([{ done }, each]) => each === id && !done).length;
  }

  /** Sends a request again after the client's backoff. */
  private async sendAgain(id: string): Promise<void> {
    this.refused.delete(id);
    this.timers.push({ actor: USER, at: this.now + 1_000, fire: () => this.send(id) });
  }
  private readonly inputs = new Map<string, Pick<RequestMessage, 'input' | 'notBefore'>>();

  /** Lets a viewer attach: a new one, one that comes back on another connection, or one that attaches again. */
  private attach(): void {
    const known = this.pick(this.viewers);
    if (!known || !this.acked.has(known.id)) return;
    this.note('attach', 'user attaches');
    const chance = this.random();
    const viewer = chance < 0.3 && this.viewers.length < 6 ? new SimulatedViewer(this.connection, known.id) : known;
    if (viewer !== known) this.viewers.push(viewer);
    this.spawn('router', async (deps) => {
      if (viewer !== known || chance > 0.7) await this.reconnect(deps, viewer);
      const { connection, id, expected } = viewer;
      viewer.takeAck(await attach(deps, connection, { type: 'attach', id, offset: expected }));
    });
  }

  private async reconnect(deps: Deps, viewer: SimulatedViewer): Promise<void> {
    const connection = { ...this.connection, connectionId: `c${this.ids++}`, connectedAt: this.now };
    await connect(deps, connection);
    viewer.connection = connection;
  }

  /** A client that gets no answer sends the cancellation again. */
  private cancel(id: string): void {
    if (!this.acked.has(id)) return;
    this.note('cancellation', 'user cancels');
    this.spawn('router', async (deps) => {
      try {
        const ack = await answerCancel(deps, this.connection, { type: 'cancel', id, reason: 'enough' });
        this.cancellations.acknowledge(ack, this.now);
      } catch {
        this.timers.push({ actor: USER, at: this.now + 1_000, fire: () => this.cancel(id) });
      }
    });
  }

  /** Sends a message to a request, sometimes twice. A client that gets no answer sends the message again. */
  private sendMessage(sent: SentMessage, twice = this.random() < 0.3): void {
    const again = () =>
      this.timers.push({ actor: USER, at: this.now + 1_000, fire: () => this.sendMessage(sent, false) });
    this.note('message', 'user sends a message');
    this.spawn('router', async (deps) => {
      if (!(await this.sentMessages.send(deps, this.connection, sent))) again();
    });
    if (twice) again();
  }

  /** An operator runs a request again that has ended, or refuses to. The operator's program may die in the middle of it, too. */
  private async runAgain(id: string): Promise<void> {
    const request = await this.request(id);
    if (!request || !isTerminal(request.status) || request.run > 2) return;
    this.note('another run', 'user runs again');
    this.spawn('operator', (deps) => redriveRequest({ ...deps, reader: NO_READER }, request.requestKey));
  }

  private pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.random() * items.length)];
  }

  private dispatcher(): void {
    // If two dispatchers run at once, both get the same records, as after a timeout on AWS.
    if (this.busy('dispatcher')) this.excused.dispatcherFailed = true;
    const batch = this.stream.splice(0, 1 + Math.floor(this.random() * this.stream.length));
    // Records that may not have been handled come again, as from a stream that Lambda retries.
    this.stream.push(...batch);
    if (this.chaos && this.random() < 0.2) batch.reverse();
    // Two dispatchers with the same record may both check for a sent letter before either has recorded it. Then each sends a letter.
    if (batch.some((record) => this.dispatching.has(record))) this.excused.dispatcherFailed = true;
    for (const record of batch) this.dispatching.add(record);
    this.spawn('dispatcher', async (deps) => {
      const failed = new Set(await dispatch({ ...deps, queues: this.queuesOf(deps) }, batch));
      if (failed.size > 0) this.excused.dispatcherFailed = true;
      for (const record of batch) this.dispatching.delete(record);
      this.stream = this.stream.filter((record) => !batch.includes(record) || failed.has(record.sequenceNumber));
    });
  }

  private queuesOf(deps: Deps): Queues {
    return {
      serves: () => true,
      deadLetter: async (_, body) => {
        const { id, run } = JSON.parse(body) as RequestItem;
        this.letters.set(`${id}/${run}`, (this.letters.get(`${id}/${run}`) ?? 0) + 1);
      },
      send: async (_, messages) => {
        await deps.store.get('requests', { requestKey: messages[0].body.requestKey });
        for (const { body, delaySeconds } of messages) this.enqueue(body, delaySeconds);
        return [];
      },
    };
  }

  private enqueue(body: WorkMessage, delaySeconds: number): void {
    if (this.chaos && this.random() < 0.15) {
      this.note('lost message', 'message lost');
      return;
    }
    const copies = this.chaos && this.random() < 0.15 ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      this.messages.push({ id: `m${this.ids++}`, body, visibleAt: this.now + delaySeconds * 1000 });
    }
  }

  private processor(message: QueueMessage): void {
    if (this.options.neverStarts) {
      message.visibleAt = this.now + 6 * TIMEOUT_MS.processor;
      return;
    }
    message.visibleAt = this.now + LEASE_MS + 2_000;
    this.spawn('processor', async (deps, actor) => {
      const disposition = await processMessage(
        {
          ...deps,
          heartbeat: this.heartbeatOf(deps, actor),
          noteStart: this.noteStart,
          caps: this.options.uncapped ? undefined : this.options.caps,
          run: (context) => this.attempts.during(actor, context, () => this.runHandler(deps, actor, context as never)),
          parseInput: async (input) => input,
          parseMessage: this.sentMessages.parse,
          progressRate: 10,
          retryBackoff: { baseMs: 1_000, maxMs: 30_000 },
        },
        { messageId: message.id, body: message.body, functionEndsAt: this.now + TIMEOUT_MS.processor },
      ).catch((error) => {
        if (error instanceof AbandonedAttempt) this.end(actor);
        throw error;
      });
      if (disposition === 'abandoned') this.end(actor);
      if (typeof disposition !== 'object') this.messages = this.messages.filter(({ id }) => id !== message.id);
      else message.visibleAt = this.now + disposition.againInSeconds * 1000;
    });
  }

  /** Returns a heartbeat that the seed may stop. Without renewals, the lease expires although the handler is alive. */
  private heartbeatOf(deps: Deps, actor: Actor): Heartbeat {
    let beating = false;
    const ended = new AbortController();
    return {
      start: async (claim, { onLost, onCancelled }, { overdue }) => {
        actor.fence = claim.fence;
        beating = this.random() < 0.6;
        const renewOnce = () => renewClaim(deps.store, claim, deps.platform.now()).catch(() => ({ held: true }));
        const beat = async (): Promise<void> => {
          while (beating && !actor.dead) {
            await deps.platform.sleep(RENEW_MS);
            if (!beating || actor.dead) return;
            const { held, cancelled }: Renewal = await renewOnce();
            if (!held) return onLost();
            if (cancelled) onCancelled(cancelled);
          }
        };
        const end = async (): Promise<void> => {
          await deps.platform.sleep(overdue.at - deps.platform.now(), ended.signal);
          if (ended.signal.aborted || actor.dead) return;
          for (const write of overdue.writes) if ((await deps.store.write(write)).applied) break;
          onLost();
        };
        if (beating) void beat();
        void end().catch(() => undefined);
      },
      sawHead: () => undefined,
      handlerEnded: () => ended.abort(),
      stop: () => {
        beating = false;
        ended.abort();
      },
    };
  }

  private runHandler(deps: Deps, actor: Actor, context: HandlerContext): Promise<unknown> {
    return this.cancellations.during(actor, context, () => this.handler(deps, actor, context));
  }

  private async handler(deps: Deps, actor: Actor, context: HandlerContext): Promise<unknown> {
    const { notBefore = 0 } = this.inputs.get(context.request.id) ?? {};
    // a run that users start again does not wait
    const isEarly = context.request.run === 1 && this.now + 2 * MAX_SKEW_MS < notBefore;
    if (isEarly) this.violations.push(`${context.request.id} starts too early`);
    const fate = this.random();
    this.checkState(context);
    context.progress(30, 'working');
    if (this.random() < 0.5) await this.emit(context, 'step');
    if (this.random() < 0.3) await deps.platform.sleep(this.random() * (this.random() < 0.2 ? 150_000 : 5_000));
    const isFirst = context.request.attempt === 1 && context.request.slice === 1;
    if (this.random() < (isFirst ? 0.5 : 0.9)) {
      const isOver = await this.readMessages(deps, actor, context);
      if (isOver || this.random() < 0.3) return this.continueFrom(context);
    }
    if (fate > 0.98) await deps.platform.sleep(400_000, fate > 0.99 ? (context.signal as AbortSignal) : undefined);
    if (this.random() < 0.3) await this.emit(context, 'late');
    if (fate < 0.2) throw new Error('broken');
    if (fate < 0.25) throw new StreamerError('NO_LUCK', 'no luck', { retryable: false });
    if (fate < 0.3) throw new FatalError('SOLD_OUT', 'none left');
    if (fate < 0.37) return this.continueFrom(context);
    const { run, attempt } = context.request;
    const by = `${run}/${attempt}`;
    return this.random() < 0.2 ? { by, text: 'y'.repeat(2_000) } : { by };
  }

  /** Reads messages. @returns whether the attempt timed out in the meantime, and the handler ends the slice in its last second */
  private async readMessages(deps: Deps, actor: Actor, context: HandlerContext): Promise<boolean> {
    try {
      await this.sentMessages.read(actor, context);
      return false;
    } catch (error) {
      const isOver = (error as StreamerError).code === 'HANDLER_TIMEOUT';
      if (!isOver || this.random() < 0.5) throw error;
      await deps.platform.sleep(this.random() * 500);
      return true;
    }
  }

  /** Ends the slice with a state that names it: small or large, at once or later. */
  private continueFrom(context: HandlerContext): unknown {
    const { slice } = context.request;
    if (slice > 5) return { by: 'the last slice' };
    const state = { slice, n: `s${this.ids++}`, ...(this.random() < 0.3 && { text: 'z'.repeat(2_000) }) };
    const delay = this.random() < 0.5 ? 0 : this.random() * 2_000;
    this.delayedMs += delay * 1000;
    this.sentMessages.continues(context, state.n);
    return context.continue(state, { delay });
  }
  /** The state of a slice is one that an attempt of the previous slice left, and the same for each attempt. */
  private checkState({ request, state }: HandlerContext): void {
    const { id, slice } = request;
    const given = (state as { slice: number; n: string } | undefined) ?? { slice: 0, n: 'none' };
    if (given.slice !== slice - 1)
      this.violations.push(`slice ${slice} of ${id} has the state of slice ${given.slice}`);
    const key = `${id}/${slice}`;
    const known = this.given.get(key) ?? given.n;
    if (known !== given.n) this.violations.push(`two attempts of slice ${slice} of ${id} have different states`);
    this.given.set(key, given.n);
    if (slice > 1) this.count('slice');
  }
  private readonly given = new Map<string, string>();

  private async emit(context: HandlerContext, name: string): Promise<void> {
    const n = `e${this.ids++}`;
    this.emits.begun.push(n);
    await context.emit(name, { n });
    this.emits.resolved.push(n);
  }

  // the order of things

  private async chaosStep(): Promise<void> {
    const choice = this.random();
    if (choice < 0.68 && this.steps.length > 0) await this.takeStep();
    else if (choice < 0.76) this.deliver();
    else if (choice < 0.85 && this.stream.length > 0) this.dispatcher();
    else if (choice < 0.87) this.spawn('sweeper', sweep);
    else if (choice < 0.93) await this.userStep();
    else this.advance(this.random() < 0.5 ? 1_000 : 40_000);
    await settle();
  }

  /** Performs an action of a user at any time during the chaos. */
  private async userStep(): Promise<void> {
    const choice = this.random();
    const id = this.pick(this.viewers)?.id ?? 'r0';
    if (choice < 0.4) return this.attach();
    if (choice < 0.67) return this.sendMessages(id);
    if (choice < 0.77) {
      this.note('sent twice', 'user sends again');
      return this.send(id);
    }
    if (choice < 0.85) return this.cancel(id);
    if (choice < 0.95) await this.runAgain(id);
    else await this.disconnect();
  }

  /** Sends messages to a request, now and later. */
  private sendMessages(id: string): void {
    if (!this.acked.has(id)) return;
    const count = 1 + Math.floor(this.random() * 4);
    for (let n = 0; n < count; n++) {
      const send = () => this.sendMessage(this.sentMessages.create(id));
      if (n === 0) send();
      else this.timers.push({ actor: USER, at: this.now + Math.floor(this.random() * 60_000), fire: send });
    }
  }

  private async disconnect(): Promise<void> {
    const viewer = this.pick(this.viewers);
    if (!viewer) return;
    this.note('disconnect', 'user disconnects');
    const { connectionId } = viewer.connection;
    if (this.leavings) return this.leave(viewer.connection, this.random() < 0.8);
    await this.store.write({ kind: 'delete', table: 'connections', key: { connectionId } });
    this.gone.add(connectionId);
  }

  /** @param noticed whether API Gateway invokes the router */
  private leave(connection: Connection, noticed: boolean): void {
    const { connectionId } = connection;
    if (this.gone.has(connectionId)) return;
    this.gone.add(connectionId);
    this.leavings?.ended(connectionId, this.now);
    if (noticed) this.spawn('router', (deps) => disconnect(deps, connection));
  }

  /** All connected users leave. They come back only if the answer to a message is still missing. */
  private leaveForGood(): void {
    this.trace.push('all users leave');
    for (const { connection } of this.viewers) this.leave(connection, true);
  }
  private readonly gone = new Set<string>();

  private deliver(): void {
    const visible = this.messages.filter(({ visibleAt }) => visibleAt <= this.now);
    if (this.canDeliver() && visible.length > 0) this.processor(visible[Math.floor(this.random() * visible.length)]);
  }

  private async takeStep(): Promise<void> {
    const index = Math.floor(this.random() * this.steps.length);
    const [step] = this.steps.splice(index, 1);
    if (step.actor.dead) return;
    if (this.chaos && step.kind !== 'other' && (await this.fails(step))) return;
    const dies = this.chaos && this.random() < 0.06;
    if (dies && this.random() < 0.5) return this.kill(step, 'before');
    await step.run().then(dies ? () => this.kill(step, 'after') : step.resolve, step.reject);
    if (!dies) this.trace.push(`${step.actor.name} ${step.label}`);
  }

  /** Lets a call fail although its actor lives: it is refused temporarily, or its answers are lost. */
  private async fails({ actor, label, kind, run, reject }: Step): Promise<boolean> {
    const chance = this.random();
    if (chance > 0.06) return false;
    if (actor.name.startsWith('dispatcher')) this.excused.dispatcherFailed = true;
    if (chance < 0.02 || kind === 'read') {
      this.note('throttle', `${actor.name} throttled at ${label}`);
      reject(new Error('throttled'));
      return true;
    }
    const took = chance < 0.045;
    const effect = took ? 'took effect' : 'did not take effect';
    this.note(`unknown write that ${effect}`, `${actor.name} does not learn of ${label}, which ${effect}`);
    if (took) await run();
    reject(new UncertainWrite(new Error('no answer')));
    return true;
  }

  private kill({ actor, label }: Step, when: string): void {
    if (actor.name.startsWith('dispatcher')) this.excused.dispatcherFailed = true;
    this.note('death', `${actor.name} dies ${when} ${label}`);
    this.end(actor);
  }

  private end(actor: Actor): void {
    actor.dead = true;
    this.steps = this.steps.filter((step) => step.actor !== actor);
    this.timers = this.timers.filter((timer) => timer.actor !== actor);
  }

  private advance(ms: number): void {
    this.sentMessages.checkWaits();
    this.now += ms;
    for (const actor of this.actors) if (!actor.done && actor.endsAt <= this.now) this.end(actor);
    const due = this.timers.filter(({ at }) => at <= this.now);
    this.timers = this.timers.filter(({ at }) => at > this.now);
    for (const { fire } of due) fire();
  }

  /** Ends all faults. All work continues to its end, and the sweeper runs every minute. */
  private async comeToRest(): Promise<void> {
    for (let i = 0; i < 20_000; i++) {
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
    return (
      this.actors.filter((a) => a.name.startsWith('processor') && !a.done && !a.dead).length <
      (this.options.processors ?? 2)
    );
  }

  private busy(kind: string): boolean {
    return this.actors.some((a) => a.name.startsWith(kind) && !a.done && !a.dead);
  }

  private tick(): void {
    // nothing delays a step any more, so the acknowledged cancellations have had their time
    if (this.now > this.calmAt + STOP_MS) {
      this.violations.push(...this.cancellations.runningSince(this.now - STOP_MS));
    }
    const { runs } = this.cancellations;
    this.violations.push(...(this.leavings?.lateRuns(runs, this.calmAt, WATCH_MS + STOP_MS, this.now) ?? []));
    // Moves the time to the next event.
    const times = [...this.timers.map(({ at }) => at), ...this.messages.map(({ visibleAt }) => visibleAt)];
    const next = Math.min(this.lastSweep + 60_000, ...times.filter((at) => at > this.now));
    this.advance(Math.max(1, next - this.now));
    if (this.now - this.lastSweep < 60_000) return;
    this.lastSweep = this.now;
    if (!this.busy('sweeper')) this.spawn('sweeper', sweep);
  }

  private async atRest(): Promise<boolean> {
    if (this.timers.some(({ actor }) => actor === USER)) return false;
    if (this.stream.length > 0 || this.actors.some((a) => !a.done && !a.dead && !a.name.startsWith('sweeper')))
      return false;
    const states = await Promise.all([...this.acked].map((id) => this.request(id)));
    return states.every((request) => request && isTerminal(request.status));
  }

  private async request(id: string): Promise<RequestItem | undefined> {
    const item = await this.store.get('requests', { requestKey: requestKey(this.connection, id) });
    return item && decodeRequest(item);
  }

  // what must always hold

  private receive(to: string, frame: string): 'sent' | 'busy' | 'gone' {
    if (this.gone.has(to)) return 'gone';
    if (this.chaos && this.random() < 0.1) return 'busy';
    const message = JSON.parse(frame) as LogFrame;
    if (message.offset === undefined) return 'sent';
    const place = `${message.id}@${message.offset}`;
    const before = this.sent.get(place);
    if (before !== undefined && before !== frame) this.violations.push(`two frames at ${place}: ${before} / ${frame}`);
    this.sent.set(place, frame);
    // A sent frame may be lost.
    if (!this.chaos || this.random() < 0.9) this.viewerOf(to, message.id)?.take(message);
    return 'sent';
  }

  private viewerOf(connectionId: string, id: string): SimulatedViewer | undefined {
    return this.viewers.find((viewer) => viewer.id === id && viewer.connection.connectionId === connectionId);
  }

  private observe(write: Write, before: Item | undefined, after: Item | undefined): void {
    if (write.table === 'events') this.observeLog(after);
    if (write.table === 'events' && write.kind === 'update')
      this.before.set(Object.values(write.key).join(' '), before);
    if (write.table === 'subscriptions') this.leavings?.observeSubscription(write, after, this.now);
    if (write.table !== 'requests' || !after?.status) return;
    this.observeTransition(before, after);
    const sequenceNumber = String(this.ids++).padStart(9, '0');
    if (!(OUTBOX_STATUSES as readonly unknown[]).includes(after.status)) return;
    if (this.chaos && this.random() < 0.05) {
      this.note('lost record', 'record lost');
      this.excused.lostRecords = true;
    } else this.stream.push({ sequenceNumber, request: decodeRequest({ ...after }) });
  }

  private observeTransition(before: Item | undefined, after: Item): void {
    const [from, to] = [before ? decodeRequest(before) : undefined, decodeRequest(after)];
    const isClaim = to.fence !== (from?.fence ?? 0);
    const legal = !from ? to.status === 'PENDING' : LEGAL.has(`${from.status}>${to.status}`);
    if (!legal) this.violations.push(`illegal transition ${from?.status} to ${to.status}`);
    if (isClaim && to.fence !== (from?.fence ?? 0) + 1) this.violations.push('the fence leapt');
    if (isClaim && to.attempt !== (from?.attempt ?? 0) + 1) this.violations.push('a claim is not the next attempt');
    if (isClaim && from?.status === 'RUNNING') this.count('takeover');
    this.cancellations.observe(from, to);
    this.sentMessages.observe(to);
    this.leavings?.observe(from, to, this.writer?.startedAt ?? this.now, this.now);
    if (to.status === 'RUNNING') this.attempts.leased(to, this.writer);
    if (to.status === 'WAITING' && from?.status !== 'WAITING') this.count('parked');
    if (to.status === 'PENDING' && from?.status === 'WAITING') this.count('woken');
    if (to.attempt > MAX_ATTEMPTS) this.violations.push(`attempt ${to.attempt} of a run`);
    const isWoken = from?.status === 'WAITING' && to.status === 'PENDING';
    const fence = this.writer?.fence;
    if (!isClaim && !isWoken && fence !== undefined && from?.fence !== fence) {
      this.violations.push(`${this.writer?.name} with fence ${fence} wrote over fence ${from?.fence}`);
    }
  }

  private readonly marked = new Map<string, number>();
  private observeLog(after: Item | undefined): void {
    if (!after || Number(after[EVENTS.sortKey]) < 0 || isOfCap(after)) return;
    const log = String(after[EVENTS.partitionKey]);
    const latest = this.marked.get(log) ?? 0;
    const fence = Number(after.fence);
    if (after.kind === 'event' && fence < latest) this.violations.push(`fence ${fence} wrote after ${latest}`);
    if (after.name === '$attempt') this.marked.set(log, Math.max(latest, fence));
  }

  private async check(): Promise<void> {
    this.violations.push(...this.attempts.lateStarts, ...this.cancellations.violations, ...this.attempts.overlaps);
    this.violations.push(...this.sentMessages.violations);
    this.violations.push(...(this.leavings?.violations ?? []));
    for (const id of this.acked) {
      const request = await this.request(id);
      if (!request) this.violations.push(`${id} is lost`);
      else if (!isTerminal(request.status)) this.violations.push(`${id} is ${request.status}`);
      else await this.checkRequest(request);
    }
    for (const id of this.refused) if (await this.request(id)) this.violations.push(`${id} was refused, but is stored`);
    const bound = (this.options.neverStarts ? SILENCE_MS : 0) + this.delayedMs + HOUR_MS;
    if (this.restedAt > bound) this.violations.push(`it took ${this.restedAt / 1000} s to come to rest`);
  }

  private async checkRequest(request: RequestItem): Promise<void> {
    // A client that attaches sees the end, even if the stream record of the end was lost.
    const frames = await this.readLog(request);
    for (const viewer of this.viewers.filter(({ id }) => id === request.id)) await this.checkViewer(viewer, frames);
    await this.checkLog(request);
    this.checkLetters(request);
    this.checkHistory(request);
    this.violations.push(...(await this.sentMessages.check(this.store, request)));
  }

  /** Returns the codes of the errors with which a request's runs ended. */
  public async endsOf(id: string): Promise<string[]> {
    const request = await this.request(id);
    const frames = request ? await this.readLog(request) : [];
    return frames.flatMap((frame) =>
      frame.type === 'error' ? frame.error.code : frame.type === 'result' ? 'result' : [],
    );
  }

  private async readLog({ id }: RequestItem): Promise<LogFrame[]> {
    const reader = new SimulatedViewer({ ...this.connection, connectionId: `c${this.ids++}` }, id);
    await connect(this.plainDeps(), reader.connection);
    await this.readToEnd(reader);
    return reader.delivered;
  }

  private async readToEnd(viewer: SimulatedViewer): Promise<void> {
    // a request that failed may be redriven, so its readers are viewers, whose connections must exist
    if (this.gone.has(viewer.connection.connectionId)) await this.reconnect(this.plainDeps(), viewer);
    for (let more = true; more; ) {
      const { connection, id, expected: offset } = viewer;
      more = viewer.takeAck(await attach(this.plainDeps(), connection, { type: 'attach', id, offset }));
    }
  }

  /** Checks that the frames that a viewer received, together with the answers to its attaches, are the log. */
  private async checkViewer(viewer: SimulatedViewer, frames: readonly LogFrame[]): Promise<void> {
    await this.readToEnd(viewer);
    const [seen, there] = [JSON.stringify(viewer.delivered), JSON.stringify(frames)];
    if (seen !== there) this.violations.push(`a viewer of ${viewer.id} saw ${seen}, the log is ${there}`);
  }

  private async checkLog(request: RequestItem): Promise<void> {
    const partition = `${request.requestKey}#${request.epoch}`;
    const log = (await this.store.query({ table: 'events', partition, from: 0 })) as unknown as LogEntry[];
    log.forEach(({ offset }, index) => {
      if (offset !== index) this.violations.push(`offset ${offset} at place ${index}`);
    });
    for (let run = 1; run <= request.run; run++) {
      const ends = log.filter((entry) => entry.kind === 'end' && entry.run === run);
      if (ends.length !== 1) this.violations.push(`run ${run} has ${ends.length} ends`);
    }
    this.checkCounters(log);
    const last = log.at(-1);
    if (last?.kind !== 'end') this.violations.push('the log goes on after its end');
    else if (JSON.stringify(outcomeOf(last, request)) !== JSON.stringify(request.outcome))
      this.violations.push('another outcome');
    this.checkEmits(log);
  }

  /** Checks the counters along the log: a greater fence belongs to a later attempt of the same run, or to a later run. */
  private checkCounters(log: readonly LogEntry[]): void {
    log.slice(1).forEach((entry, i) => {
      const before = log[i] as LogEntry;
      const order =
        entry.run - before.run || (entry.slice ?? 1) - (before.slice ?? 1) || entry.attempt - before.attempt;
      const isEndWithoutAttempt = entry.kind === 'end' && entry.attempt === 0;
      if (isEndWithoutAttempt ? order <= 0 : Math.sign(order) !== Math.sign(entry.fence - before.fence)) {
        this.violations.push(`${JSON.stringify(before)} before ${JSON.stringify(entry)}`);
      }
    });
  }

  private checkEmits(log: readonly LogEntry[]): void {
    if (this.acked.size > 1) return;
    const count = (n: string) => log.filter((entry) => entry.kind === 'event' && entry.data === `{"n":"${n}"}`).length;
    for (const n of this.emits.resolved)
      if (count(n) !== 1) this.violations.push(`${n} is ${count(n)} times in the log`);
    for (const n of this.emits.begun) if (count(n) > 1) this.violations.push(`${n} is ${count(n)} times in the log`);
  }

  /** Each attempt of the last slice of the last run is in the history once, whatever became of its function. */
  private checkHistory(request: RequestItem): void {
    const { id, run, attempt, attempts = [] } = request;
    const isLast = (each: EndedAttempt) => each.run === run && (each.slice ?? 1) === sliceOf(request);
    const ended = attempts.filter(isLast).map((each) => each.attempt);
    const expected = Array.from({ length: attempt }, (_, index) => index + 1);
    if (ended.join() !== expected.join())
      this.violations.push(`${id}: the history of run ${run} is ${ended}, not ${expected}`);
  }

  private checkLetters(request: RequestItem): void {
    const { id, run, status, dueBucket } = request;
    const letters = this.letters.get(`${id}/${run}`) ?? 0;
    const isDead = isDeadLetter(request);
    if (isDead !== (dueBucket !== undefined)) this.violations.push(`${id} is ${status} with the due key ${dueBucket}`);
    if (!isDead) {
      if (letters > 0) this.violations.push(`${id} is ${status} and has ${letters} dead letters`);
      return;
    }
    if (letters === 0 && !this.excused.lostRecords) this.violations.push(`${id} has no dead letter`);
    if (letters > 1 && !this.excused.dispatcherFailed) this.violations.push(`${id} has ${letters} dead letters`);
  }
}

/** Slots and tickets are no log. */
const isOfCap = (item: Item): boolean => String(item[EVENTS.partitionKey]).startsWith('#cap#');

/** All requests of a simulation are of one tenant and one user; the input of every second one is the same. */
const ruleOf = ({ scope, max }: CapConfig): CapRule => ({ max, of: (id) => (scope === 'input' ? groupOf(id) : 'all') });

const groupOf = (id: string): string => String(Number(id.slice(1)) % 2);

const LEGAL = new Set([
  'PENDING>WAITING',
  'RUNNING>WAITING',
  'WAITING>WAITING',
  'WAITING>PENDING',
  'WAITING>CANCELLED',
  'PENDING>PENDING',
  'PENDING>RUNNING',
  'PENDING>FAILED',
  'RUNNING>RUNNING',
  'RUNNING>PENDING',
  'RUNNING>COMPLETED',
  'RUNNING>FAILED',
  'PENDING>CANCELLED',
  'RUNNING>CANCELLED',
  // what operators do
  'FAILED>PENDING',
  'CANCELLED>PENDING',
]);
