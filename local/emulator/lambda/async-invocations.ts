import type { StateSlot } from '../state';
import {
  type Clock,
  type FunctionError,
  type InvokeOptions,
  type InvokeResult,
  type LogSink,
  ThrottledError,
  type Timer,
} from '../types';
import { LAMBDA_LIMITS } from './types';

export interface AsyncDependencies {
  readonly clock: Clock;
  readonly log: LogSink;
  readonly invoke: (functionName: string, event: unknown, options: InvokeOptions) => Promise<InvokeResult>;
  readonly onFailure: (functionName: string, event: unknown, error: FunctionError) => void;
  readonly newId: () => string;
  /** Persistent storage of events until they are processed. */
  readonly state?: StateSlot;
}

interface AsyncEvent {
  readonly id: string;
  readonly functionName: string;
  readonly event: unknown;
  /** Options of all attempts: a retried event keeps its request id. */
  readonly options: InvokeOptions;
  readonly since: number;
  failures: number;
  throttles: number;
}

type KeptRecord = { readonly event: AsyncEvent } | { readonly done: string };

/**
 * Queue of asynchronous events, as in Lambda. A failed event is retried after one minute and after two more minutes. A
 * throttled event is retried for up to six hours, with increasing delays.
 */
export class AsyncInvocations {
  private readonly timers = new Set<Timer>();
  private closed = false;
  /** Events that are not yet processed. */
  private readonly open = new Map<string, AsyncEvent>();

  public constructor(private readonly deps: AsyncDependencies) {
    for (const record of deps.state?.restore() ?? []) this.restore(record as KeptRecord);
    deps.state?.onSnapshot(() => [...this.open.values()].map((event) => ({ event })));
  }

  /** @param onFirstAttempt called with the result of the first attempt, even if Lambda rejects the invocation */
  public submit(
    functionName: string,
    event: unknown,
    options: InvokeOptions = {},
    onFirstAttempt?: (result: InvokeResult) => void,
  ): void {
    const { clock, newId } = this.deps;
    const entry = { id: newId(), functionName, event, options, since: clock.now(), failures: 0, throttles: 0 };
    this.keep(entry);
    this.attempt(entry, onFirstAttempt);
  }

  /** Retries the events of an earlier run, because the outcome of interrupted attempts is unknown. */
  public resume(): void {
    for (const entry of this.open.values()) this.attempt(entry);
  }

  /** Stops all attempts. An attempt that the end of the run interrupts is not a failure; a later run repeats it. */
  public close(): void {
    this.closed = true;
    for (const timer of this.timers) this.deps.clock.clearTimeout(timer);
    this.timers.clear();
  }

  private restore(record: KeptRecord): void {
    if ('event' in record) this.open.set(record.event.id, record.event);
    else this.open.delete(record.done);
  }

  private keep(entry: AsyncEvent): void {
    this.deps.state?.append({ event: entry } satisfies KeptRecord);
    this.open.set(entry.id, entry);
  }

  private finish({ id }: AsyncEvent): void {
    this.open.delete(id);
    this.deps.state?.append({ done: id } satisfies KeptRecord);
  }

  private attempt(entry: AsyncEvent, onResult?: (result: InvokeResult) => void): void {
    this.deps.invoke(entry.functionName, entry.event, entry.options).then(
      (result) => {
        if (result.ok) this.finish(entry);
        else if (!this.closed) this.afterFailure(entry, result.error);
        onResult?.(result);
      },
      (error: unknown) => {
        if (!this.closed) this.afterRejection(entry, error);
        onResult?.({ ok: false, kind: 'Unhandled', error: functionError(error), durationMs: 0 });
      },
    );
  }

  private afterFailure(entry: AsyncEvent, error: FunctionError): void {
    const wait = LAMBDA_LIMITS.asyncRetryWaitsMs[entry.failures];
    entry.failures += 1;
    if (wait === undefined) this.giveUp(entry, error);
    else this.retry(entry, wait, error.errorType);
  }

  private afterRejection(entry: AsyncEvent, error: unknown): void {
    const wait = Math.min(LAMBDA_LIMITS.asyncMaxBackoffMs, 1000 * 2 ** entry.throttles);
    entry.throttles += 1;
    const tooOld = this.deps.clock.now() + wait > entry.since + LAMBDA_LIMITS.asyncMaxAgeMs;
    if (tooOld || !(error instanceof ThrottledError)) this.giveUp(entry, functionError(error));
    else this.retry(entry, wait, functionError(error).errorType);
  }

  private retry(entry: AsyncEvent, waitMs: number, why: string): void {
    this.keep(entry);
    const message = `${why}: asynchronous event is retried in ${waitMs / 1000} s`;
    this.deps.log({ source: entry.functionName, level: 'warn', message });
    const timer = this.deps.clock.setTimeout(() => {
      this.timers.delete(timer);
      this.attempt(entry);
    }, waitMs);
    this.timers.add(timer);
  }

  private giveUp(entry: AsyncEvent, error: FunctionError): void {
    const message = `${error.errorType}: asynchronous event discarded`;
    this.deps.log({ source: entry.functionName, level: 'error', message });
    this.deps.onFailure(entry.functionName, entry.event, error);
    this.finish(entry);
  }
}

function functionError(error: unknown): FunctionError {
  const { name, message } = error as Error;
  return { errorType: name, errorMessage: message };
}
