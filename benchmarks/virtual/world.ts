import { requestRecords } from '../../lambda-src/aws/stream-records';
import {
  asWorkMessage,
  decodeRequest,
  type Item,
  isRequest,
  isTerminal,
  type RequestItem,
} from '../../lambda-src/core';
import { processMessage } from '../../lambda-src/flows/attempt/process';
import { dispatch } from '../../lambda-src/flows/dispatch/dispatch';
import { sweep } from '../../lambda-src/flows/dispatch/sweep';
import type { RunHandler } from '../../lambda-src/flows/handlers/context';
import type { Deps, Gateway, Queues } from '../../lambda-src/flows/ports';
import { storeRequest } from '../../lambda-src/flows/requests/accept';
import type { FaultPlan, PlannedFault } from '../../local/emulator/chaos';
import { QueueMapping } from '../../local/emulator/lambda/event-sources';
import { Queue, type ReceivedMessage } from '../../local/emulator/sqs';
import { type FunctionInvoker, ThrottledError } from '../../local/emulator/types';
import { type CapConfig, DEFAULTS, OUTBOX_STATUSES } from '../../src/contract';
import { randomNumbers } from '../../test/support/random';
import { faultyProcess } from './chaos/faulty-process';
import { FaultyQueue } from './chaos/faulty-queue';
import { VirtualClock } from './clock';
import { heartbeatOn, hide } from './heartbeat';
import { Invocation, mortal } from './invocation';
import { VirtualStream } from './stream';
import { VirtualTables } from './tables';

export interface WorldOptions {
  readonly seed: number;
  readonly caps?: readonly CapConfig[];
  /** Maximum concurrency of the queue's mapping. */
  readonly maxConcurrency: number;
  /** Duration of the handler for a request. @default - the handler takes no time */
  readonly workMs?: (request: RequestItem, random: number) => number;
  /** Handler of an invocation. @default - a handler that runs for the duration of `workMs` */
  readonly handler?: (invocation: Invocation, ...args: Parameters<RunHandler>) => unknown;
  /** Receives the frames to connections. */
  readonly post?: Gateway['post'];
  /** Called after each write of a request. */
  readonly onWrite?: (request: RequestItem) => void;
  /** Chance that a function's process ends at a call, before or after the call takes effect. @default 0 */
  readonly crashChance?: number;
  /** Faults of all parts. @default - no faults except for those of `crashChance` */
  readonly plan?: FaultPlan;
  /** Maximum number of attempts of a run. @default 3 */
  readonly maxAttempts?: number;
}

/** Times of a request. */
export interface Times {
  readonly tenant: string;
  readonly acceptedAt: number;
  startedAt?: number;
}

/** Maximum number of attempts of a run. */
export const MAX_ATTEMPTS = 3;
/** Result of an invocation whose process ended before the function answered. */
export type Crashed = 'crashed';
const EXITED = { errorType: 'Runtime.ExitError', errorMessage: 'the process has ended' };
type Receipt = ReceivedMessage & { readonly receiptHandle: string };

const MINUTE_MS = 60_000;
/** Time after which a stream's mapping invokes a function again that failed. */
const RETRY_MS = 200;
const TIMEOUT_MS = 900_000;
export const ACTION = 'work';
const quiet = () => undefined;

/**
 * One async action in virtual time: the flows of the functions, with the fair queue and the queue mapping of the emulator, whose start with five batches and growth
 * are Lambda's.
 */
export class VirtualWorld {
  public readonly clock = new VirtualClock();
  public readonly requests = new Map<string, Times>();
  /** Largest number of attempts of each tenant that ran at a time. */
  public readonly most = new Map<string, number>();
  private readonly running = new Map<string, number>();
  public readonly random: () => number;
  /** Number of processes that ended at a call. */
  public crashes = 0;
  private readonly tables: VirtualTables;
  private readonly stream: VirtualStream;
  private readonly queue: Queue;
  private readonly sender: FaultyQueue;
  private readonly mapping: QueueMapping;
  /** Number of requests that have ended. */
  public endedCount = 0;
  private ids = 0;
  private readonly beganAt = this.clock.now();

  public constructor(private readonly options: WorldOptions) {
    this.random = randomNumbers(options.seed);
    this.tables = new VirtualTables(this.clock, (write, after) => {
      if (write.table === 'requests' && after && isRequest(after)) this.written(after);
    });
    this.stream = new VirtualStream(
      this.clock,
      async (Records) => {
        const records = requestRecords({ Records }, this.deps.log);
        const dispatched = this.invoke((deps) => dispatch({ ...deps, queues: this.queues }, records));
        const failed = await dispatched.catch((): Crashed => 'crashed');
        if (failed !== 'crashed') return failed;
        await this.clock.sleep(RETRY_MS);
        return records.map(({ sequenceNumber }) => sequenceNumber);
      },
      options.plan,
    );
    const spec = {
      queueName: 'q',
      fifo: false,
      visibilityTimeoutMs: 6 * TIMEOUT_MS,
      delayMs: 0,
      retentionMs: 14 * 86_400_000,
    };
    this.queue = new Queue(spec, { arn: 'q', senderId: 's', clock: this.clock, newId: () => this.newId() });
    this.sender = new FaultyQueue(this.queue, this.clock, options.plan);
    const mapping = { functionName: ACTION, batchSize: 1, reportBatchItemFailures: true };
    const limited = { ...mapping, maximumConcurrency: options.maxConcurrency };
    this.mapping = new QueueMapping(limited, this.queue, this.processor, { log: quiet, clock: this.clock });
    this.mapping.start();
    this.clock.setTimeout(() => void this.sweepEveryMinute(), MINUTE_MS);
  }

  /** Accepts a request. */
  public async submit(tenant: string, id: string): Promise<void> {
    const message = { type: 'request', id, action: ACTION } as const;
    await storeRequest(this.deps, {
      owner: { tenant, user: 'u' },
      message,
      config: { maxAttempts: this.options.maxAttempts ?? MAX_ATTEMPTS },
    });
  }

  /**
   * Runs a function in a separate process, which may end at each call.
   *
   * @throws ThrottledError if a fault throttles the invocation
   */
  public async invoke<T>(
    work: (deps: Deps, invocation: Invocation) => Promise<T>,
    invocation = new Invocation(),
  ): Promise<T | Crashed> {
    const { plan } = this.options;
    const fault = plan?.next('invocation');
    if (fault?.fault === 'throttle') {
      plan?.took(fault);
      throw new ThrottledError('Rate exceeded');
    }
    const killed = plan?.next('init');
    if (killed) {
      plan?.took(killed);
      this.crashes++;
      return 'crashed';
    }
    const deps = plan ? this.faultyProcess(plan, invocation, fault) : this.mortalProcess(invocation);
    return Promise.race([work(deps, invocation), invocation.ended]);
  }

  private faultyProcess(plan: FaultPlan, invocation: Invocation, fault?: PlannedFault<'invocation'>): Deps {
    const { clock, tables } = this;
    const queryAsOf = tables.queryAsOf.bind(tables);
    const onKill = () => {
      this.crashes++;
    };
    const world = { clock, plan, beganAt: this.beganAt, onKill, queryAsOf };
    return faultyProcess(this.deps, world, invocation, fault);
  }

  private mortalProcess(invocation: Invocation): Deps {
    const { crashChance = 0 } = this.options;
    void invocation.ended.then(() => this.crashes++);
    return mortal(this.deps, invocation, () => crashChance > 0 && this.random() < crashChance);
  }

  /** Puts an item into the stream that is no request. */
  public poison(): void {
    this.stream.write('poison', { requestKey: 'poison', status: 'PENDING', fence: 'none' });
  }

  /** Runs until so many requests have ended. */
  public async runToEnd(count: number): Promise<void> {
    await this.clock.runUntil(() => this.endedCount >= count);
  }

  /** Waits of a tenant's requests from acceptance to the start of their handlers. */
  public waits(tenant: string): number[] {
    const all = [...this.requests.values()].filter((times) => times.tenant === tenant);
    return all.map(({ acceptedAt, startedAt = Number.POSITIVE_INFINITY }) => startedAt - acceptedAt);
  }

  /** Dependencies of a process that never ends early. */
  public get deps(): Deps {
    const { clock, random, tables: store } = this;
    const platform = { now: () => clock.now(), random, newId: () => this.newId(), sleep: clock.sleep.bind(clock) };
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    const gateway = { post: this.options.post ?? (async () => 'sent' as const) };
    return { store, gateway, platform, log, limits: DEFAULTS.limits, retentionSeconds: 604_800 };
  }

  private newId(): string {
    return `id${this.ids++}`;
  }

  private written(after: Item): void {
    const request = decodeRequest(after);
    const { requestKey, tenant, createdAt, status } = request;
    this.options.onWrite?.(request);
    if (!this.requests.has(requestKey)) this.requests.set(requestKey, { tenant, acceptedAt: createdAt });
    if (isTerminal(status)) this.endedCount++;
    if ((OUTBOX_STATUSES as readonly string[]).includes(status)) this.stream.write(requestKey, after);
  }

  private readonly queues: Queues = {
    serves: () => true,
    deadLetter: async () => undefined,
    send: async (_, messages) => {
      await this.clock.sleep(10);
      const outgoing = messages.map(({ body, group, delaySeconds }) => ({
        body: JSON.stringify(body),
        groupId: group,
        delayMs: delaySeconds * 1000,
      }));
      return this.sender.send(outgoing);
    },
  };

  private readonly processor: FunctionInvoker = {
    invokeAsync: quiet,
    invoke: async (_, event) => {
      const [record] = (event as { Records: Receipt[] }).Records;
      if (this.sender.isDuplicate(record.messageId)) void this.deliver(record).catch(quiet);
      const answer = await this.deliver(record);
      if (answer === 'crashed') return { ok: false, kind: 'Unhandled', durationMs: 0, error: EXITED };
      return {
        ok: true,
        durationMs: 0,
        payload: { batchItemFailures: answer.again ? [{ itemIdentifier: record.messageId }] : [] },
      };
    },
  };

  private async deliver(record: Receipt): Promise<{ readonly again: boolean } | Crashed> {
    try {
      return await this.invoke((deps, invocation) => this.process(deps, invocation, record));
    } catch (error) {
      if (error instanceof ThrottledError) throw error;
      // As in the processor's function, the message returns at the end of the lease.
      hide(this.queue, record.receiptHandle);
      return 'crashed';
    }
  }

  /** @returns whether the message must be received again */
  private async process(
    mortalDeps: Deps,
    invocation: Invocation,
    { messageId, body, receiptHandle }: Receipt,
  ): Promise<{ readonly again: boolean }> {
    const work = asWorkMessage(body);
    if (!work) return { again: false };
    const { handler = () => this.handle(work.requestKey) } = this.options;
    const deps = {
      ...mortalDeps,
      caps: this.options.caps,
      heartbeat: heartbeatOn(this.queue, receiptHandle, mortalDeps),
      noteStart: async () => undefined,
      run: (...args: Parameters<RunHandler>) => handler(invocation, ...args),
      parseInput: async (input: unknown) => input,
      progressRate: 10,
      retryBackoff: { baseMs: 1_000, maxMs: 30_000 },
    };
    const functionEndsAt = this.clock.now() + TIMEOUT_MS;
    const disposition = await processMessage(deps, { messageId, body: work, functionEndsAt });
    // The end of the process ends a handler that ignores its signal.
    if (disposition === 'abandoned') invocation.abandon();
    if (typeof disposition !== 'object') return { again: false };
    hide(this.queue, receiptHandle, disposition.againInSeconds * 1000);
    return { again: true };
  }

  private async handle(requestKey: string): Promise<null> {
    const times = this.requests.get(requestKey) as Times;
    times.startedAt ??= this.clock.now();
    this.count(times.tenant, 1);
    const request = decodeRequest((await this.tables.get('requests', { requestKey })) ?? {});
    await this.clock.sleep(this.options.workMs?.(request, this.random()) ?? 0);
    this.count(times.tenant, -1);
    return null;
  }

  private count(tenant: string, by: number): void {
    const running = (this.running.get(tenant) ?? 0) + by;
    this.running.set(tenant, running);
    this.most.set(tenant, Math.max(running, this.most.get(tenant) ?? 0));
  }

  private async sweepEveryMinute(): Promise<void> {
    this.clock.setTimeout(() => void this.sweepEveryMinute(), MINUTE_MS);
    await this.invoke(sweep).catch(quiet);
  }
}
