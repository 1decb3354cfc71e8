import { setMaxListeners } from 'node:events';
import { type Queue, type ReceivedMessage, SqsError } from '../../sqs';
import {
  type Clock,
  type FunctionInvoker,
  type InvokeResult,
  type LogSink,
  systemClock,
  ThrottledError,
  type Timer,
} from '../../types';
import { compilePattern } from './filter-pattern';
import { PollerRamp } from './poller-ramp';
import { failedIds, filterView, queueRecord } from './queue-event';
import { checkQueueSpec, MAX_POLLERS, payloadChunks } from './queue-rules';
import type { QueueMappingSpec } from './specs';
import { backoffMs, sleep } from './waiting';

/** Maximum number of messages per ReceiveMessage call. */
const RECEIVE_MAX = 10;

export interface QueueMappingOptions {
  readonly log: LogSink;
  readonly clock?: Clock;
}

/** Polls a queue, invokes a function with batches of messages, and deletes the processed messages. */
export class QueueMapping {
  private readonly clock: Clock;
  private readonly patterns: readonly ((event: unknown) => boolean)[];
  private readonly ramp: PollerRamp;
  private readonly running = new Set<Promise<void>>();
  private gathered: ReceivedMessage[] = [];
  private windowTimer: Timer | undefined;
  private rampTimer: Timer | undefined;
  private scheduled = false;
  private abort: AbortController | undefined;
  private unsubscribe: (() => void) | undefined;

  /**
   * @throws FilterPatternError for an unsupported filter
   * @throws RangeError for settings that AWS would refuse
   */
  public constructor(
    private readonly spec: QueueMappingSpec,
    private readonly queue: Queue,
    private readonly invoker: FunctionInvoker,
    private readonly options: QueueMappingOptions,
  ) {
    checkQueueSpec(spec, queue.spec.fifo);
    this.clock = options.clock ?? systemClock;
    this.patterns = (spec.filters ?? []).map(compilePattern);
    this.ramp = new PollerRamp(spec.maximumConcurrency ?? MAX_POLLERS);
  }

  public start(): void {
    if (this.spec.enabled === false || this.abort) return;
    this.abort = new AbortController();
    // removes the limit of listeners, because each wait of each batch adds one
    setMaxListeners(0, this.abort.signal);
    this.unsubscribe = this.queue.onAvailable(() => this.schedule());
    this.schedule();
  }

  /** Stops polling and waits for the batches in flight. Messages of an incomplete batch return to the queue. */
  public async stop(): Promise<void> {
    this.abort?.abort();
    this.unsubscribe?.();
    this.clock.clearTimeout(this.windowTimer);
    this.clock.clearTimeout(this.rampTimer);
    this.windowTimer = undefined;
    for (const message of this.gathered.splice(0)) this.returnToQueue(message);
    await Promise.all(this.running);
    this.abort = undefined;
  }

  /** Number of batches in flight. */
  public get inFlight(): number {
    return this.running.size;
  }

  /**
   * Schedules a receive call after the current task, so that messages that were sent together are received together.
   */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.pump();
    });
  }

  private pump(): void {
    while (this.abort && !this.abort.signal.aborted && this.mayReceive()) {
      const room = this.spec.batchSize - this.gathered.length;
      const messages = this.receive(Math.min(RECEIVE_MAX, room));
      if (messages.length === 0) {
        this.ramp.relaxed(this.clock.now());
        return;
      }
      this.gather(messages.filter((message) => this.passes(message)));
    }
  }

  private mayReceive(): boolean {
    const now = this.clock.now();
    if (this.gathered.length > 0 || this.running.size < this.ramp.limit(now)) return true;
    if (this.queue.backlog() === 0) {
      this.ramp.relaxed(now);
      return false;
    }
    const more = this.ramp.saturated(now);
    this.clock.clearTimeout(this.rampTimer);
    this.rampTimer = more === undefined ? undefined : this.clock.setTimeout(() => this.pump(), more);
    return false;
  }

  /**
   * Receives messages. The only possible error is that the queue has too many messages in flight. The next deletion of
   * a message wakes the mapping.
   */
  private receive(max: number): ReceivedMessage[] {
    try {
      return this.queue.receive(max);
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      this.report('error', error.message);
      return [];
    }
  }

  /** Whether a message passes the filters. As in Lambda, any other message is deleted. */
  private passes(message: ReceivedMessage): boolean {
    if (this.patterns.length === 0) return true;
    const view = filterView(queueRecord(message, this.queue.arn));
    if (this.patterns.some((matches) => matches(view))) return true;
    this.queue.delete(message.receiptHandle);
    return false;
  }

  private gather(messages: readonly ReceivedMessage[]): void {
    const window = this.spec.maximumBatchingWindowMs ?? 0;
    this.gathered.push(...messages);
    if (this.gathered.length === 0) return;
    if (window === 0 || this.gathered.length >= this.spec.batchSize) this.dispatch();
    else this.windowTimer ??= this.clock.setTimeout(() => this.dispatch(), window);
  }

  private dispatch(): void {
    this.clock.clearTimeout(this.windowTimer);
    this.windowTimer = undefined;
    const batch = this.gathered.splice(0);
    const done = this.run(batch).finally(() => {
      this.running.delete(done);
      this.schedule();
    });
    this.running.add(done);
  }

  private async run(batch: readonly ReceivedMessage[]): Promise<void> {
    for (const messages of payloadChunks(batch)) {
      const result = await this.invoke(messages);
      if (result) this.settle(messages, result);
    }
  }

  /**
   * Invokes the function with a batch. A throttled invocation is retried until the messages become visible again. After
   * that, the mapping no longer processes this batch.
   */
  private async invoke(messages: readonly ReceivedMessage[]): Promise<InvokeResult | undefined> {
    const signal = this.abort?.signal ?? AbortSignal.abort();
    const until = this.clock.now() + this.queue.spec.visibilityTimeoutMs;
    const event = { Records: messages.map((message) => queueRecord(message, this.queue.arn)) };
    for (let failures = 1; ; failures++) {
      try {
        return await this.invoker.invoke(this.spec.functionName, event);
      } catch (error) {
        const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        this.report('warn', `batch of ${messages.length} did not reach the function: ${reason}`);
        const wait = backoffMs(failures);
        if (!(error instanceof ThrottledError) || signal.aborted || this.clock.now() + wait >= until) return undefined;
        await sleep(this.clock, wait, signal);
      }
    }
  }

  private settle(messages: readonly ReceivedMessage[], result: InvokeResult): void {
    const ids = messages.map((message) => message.messageId);
    const failed = failedIds(result, ids, this.spec.reportBatchItemFailures ?? false);
    for (const message of messages) if (!failed.has(message.messageId)) this.queue.delete(message.receiptHandle);
    if (failed.size === 0) return;
    const reason = result.ok ? 'it reported failures' : result.error.errorType;
    // if the local run ended the process, the exit is not an error of the function
    const isEnd = reason === 'Runtime.ExitError' && this.abort?.signal.aborted !== false;
    if (isEnd) this.report('info', `${failed.size} of ${messages.length} messages return to the queue: the run ended`);
    else this.report('warn', `${failed.size} of ${messages.length} messages failed: ${reason}`);
  }

  private returnToQueue(message: ReceivedMessage): void {
    try {
      this.queue.changeVisibility(message.receiptHandle, 0);
    } catch (error) {
      // The deletion may fail because the message is visible again or the queue was purged. Both need no action.
      if (!(error instanceof SqsError)) throw error;
    }
  }

  private report(level: 'info' | 'warn' | 'error', message: string): void {
    this.options.log({ source: `${this.queue.name} → ${this.spec.functionName}`, level, message });
  }
}
