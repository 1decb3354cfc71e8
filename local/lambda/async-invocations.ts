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
}

interface AsyncEvent {
  readonly functionName: string;
  readonly event: unknown;
  /** The same for each attempt: a retried event keeps its request id. */
  readonly options: InvokeOptions;
  readonly since: number;
  failures: number;
  throttles: number;
}

/**
 * Lambda's queue of asynchronous events. A failure is tried again after one minute and after two more; a
 * throttled event comes back with a growing wait for up to six hours.
 */
export class AsyncInvocations {
  private readonly timers = new Set<Timer>();

  public constructor(private readonly deps: AsyncDependencies) {}

  public submit(functionName: string, event: unknown, options: InvokeOptions = {}): void {
    this.attempt({ functionName, event, options, since: this.deps.clock.now(), failures: 0, throttles: 0 });
  }

  public close(): void {
    for (const timer of this.timers) this.deps.clock.clearTimeout(timer);
    this.timers.clear();
  }

  private attempt(entry: AsyncEvent): void {
    this.deps.invoke(entry.functionName, entry.event, entry.options).then(
      (result) => {
        if (!result.ok) this.afterFailure(entry, result.error);
      },
      (error: unknown) => this.afterRejection(entry, error),
    );
  }

  private afterFailure(entry: AsyncEvent, error: FunctionError): void {
    const wait = LAMBDA_LIMITS.asyncRetryWaitsMs[entry.failures];
    entry.failures += 1;
    if (wait === undefined) this.giveUp(entry, error);
    else this.retry(entry, wait, error.errorType);
  }

  private afterRejection(entry: AsyncEvent, error: unknown): void {
    const { name, message } = error as Error;
    const wait = Math.min(LAMBDA_LIMITS.asyncMaxBackoffMs, 1000 * 2 ** entry.throttles);
    entry.throttles += 1;
    const tooOld = this.deps.clock.now() + wait > entry.since + LAMBDA_LIMITS.asyncMaxAgeMs;
    if (tooOld || !(error instanceof ThrottledError)) this.giveUp(entry, { errorType: name, errorMessage: message });
    else this.retry(entry, wait, name);
  }

  private retry(entry: AsyncEvent, waitMs: number, why: string): void {
    const message = `${why}: asynchronous event tried again in ${waitMs / 1000} s`;
    this.deps.log({ source: entry.functionName, level: 'warn', message });
    const timer = this.deps.clock.setTimeout(() => {
      this.timers.delete(timer);
      this.attempt(entry);
    }, waitMs);
    this.timers.add(timer);
  }

  private giveUp(entry: AsyncEvent, error: FunctionError): void {
    const message = `${error.errorType}: asynchronous event given up`;
    this.deps.log({ source: entry.functionName, level: 'error', message });
    this.deps.onFailure(entry.functionName, entry.event, error);
  }
}
