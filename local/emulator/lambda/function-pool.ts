import type { Door } from '../http';
import { type FunctionError, type InvokeResult, type LogSink, ThrottledError } from '../types';
import { Environment, type EnvironmentDependencies, type InitFailure, type Invocation } from './environment';
import { type FaultyEnvironment, type FunctionSpec, LAMBDA_LIMITS } from './types';

export interface PoolDependencies extends EnvironmentDependencies {
  readonly log: LogSink;
  readonly maxEnvironments: number;
  /** Called when the process of an environment has started. */
  readonly onStart?: BeginListener;
  /** Maximum number of environments that start at the same time. */
  readonly parallelStarts: number;
}

const ENDED: FunctionError = { errorType: 'Runtime.ExitError', errorMessage: 'Error: The local run ended' };
const REMOVED: FunctionError = { errorType: 'Runtime.ExitError', errorMessage: 'Error: The function was removed' };

type BeginListener = (environment: FaultyEnvironment) => void;

interface Job extends Invocation {
  readonly settle: (result: InvokeResult) => void;
  readonly onBegin?: BeginListener;
  initTimedOut: boolean;
}

/**
 * The environments of one function. An invocation uses the idle environment that was used last. If there is none, the
 * invocation waits in a queue, and a new environment starts unless the maximum is reached.
 */
export class FunctionPool {
  private readonly environments = new Set<Environment>();
  private readonly queue: Job[] = [];
  private running = 0;
  /** Number of environments that were started. */
  private started = 0;
  private used = false;
  /** Whether an environment starts before the first invocation. */
  private ahead = false;
  private closed = false;

  public constructor(
    private spec: FunctionSpec,
    private readonly deps: PoolDependencies,
  ) {}

  /**
   * Invokes the function.
   *
   * @param onBegin called with the environment before it receives the event
   * @throws ThrottledError if the reserved concurrency is reached
   */
  public invoke(invocation: Invocation, onBegin?: BeginListener): Promise<InvokeResult> {
    const { reservedConcurrency = Number.POSITIVE_INFINITY } = this.spec;
    if (this.running + this.queue.length >= reservedConcurrency) {
      throw new ThrottledError(`Rate Exceeded: ${this.spec.functionName} is at its reserved concurrency`);
    }
    if (this.closed) return Promise.resolve(unhandled(ENDED));
    this.used = true;
    return new Promise((resolve) => {
      this.queue.push({ ...invocation, onBegin, settle: resolve, initTimedOut: false });
      this.drain();
    });
  }

  public list(): { pid: number; busy: boolean; codeDir: string }[] {
    return [...this.environments].flatMap(({ pid, busy, codeDir }) =>
      pid === undefined ? [] : { pid, busy, codeDir },
    );
  }

  /** Returns the Runtime APIs that are listening. */
  public doors(): Door[] {
    return [...this.environments].flatMap(({ door }) => door ?? []);
  }

  /**
   * Replaces the environments: later invocations run in new ones. Busy environments first finish their invocations.
   *
   * @param ahead whether to start an environment immediately if the function is in use
   */
  public restart(spec: FunctionSpec, ahead: boolean): void {
    this.spec = spec;
    this.ahead = ahead && (this.used || spec.inspectPort !== undefined);
    this.retireAll();
    this.startAhead();
  }

  /** Starts an environment before the first invocation. */
  public warm(): void {
    this.ahead = true;
    this.startAhead();
  }

  /** Sets a new folder of the code. Environments that start later use it. */
  public relocate(spec: FunctionSpec): void {
    this.spec = spec;
  }

  /** Accepts no more invocations. Running invocations finish. */
  public retire(): void {
    this.closed = true;
    for (const job of this.queue.splice(0)) job.settle(unhandled(REMOVED));
    this.retireAll();
  }

  public kill(): void {
    for (const environment of this.environments) environment.kill();
  }

  public async close(graceMs: number): Promise<void> {
    this.closed = true;
    for (const job of this.queue.splice(0)) job.settle(unhandled(ENDED));
    await Promise.all([...this.environments].map((environment) => environment.stop(graceMs)));
  }

  private retireAll(): void {
    for (const environment of this.environments) {
      environment.retiring = true;
      if (!environment.busy) environment.kill();
    }
  }

  private startAhead(): void {
    if (!this.ahead || this.room() < 1) return;
    this.ahead = false;
    this.startEnvironment();
  }

  /**
   * Number of environments that may start now. All inspected processes of a function use the same port, so a new
   * process must wait until the earlier one has ended.
   */
  private room(): number {
    if (this.spec.inspectPort !== undefined) return 1 - this.environments.size;
    const serving = this.serving();
    const starting = serving.filter((environment) => environment.starting).length;
    return Math.min(this.deps.maxEnvironments - serving.length, this.deps.parallelStarts - starting);
  }

  /** Passes waiting invocations to idle environments, and starts environments for the others. */
  private drain(): void {
    for (let idle = this.lastUsedIdle(); idle && this.queue.length > 0; idle = this.lastUsedIdle()) {
      void this.run(idle, this.queue.shift() as Job);
    }
    const coming = this.serving().filter((environment) => environment.coming).length;
    for (let n = Math.min(this.queue.length - coming, this.room()); n > 0; n -= 1) this.startEnvironment();
  }

  private serving(): Environment[] {
    return [...this.environments].filter((environment) => !environment.retiring);
  }

  private lastUsedIdle(): Environment | undefined {
    const idle = this.serving().filter((environment) => environment.idle);
    return idle.sort((a, b) => b.idleSince - a.idleSince)[0];
  }

  private startEnvironment(): void {
    if (this.closed) return;
    const initLimitMs = this.queue[0]?.initTimedOut ? this.spec.timeoutMs : LAMBDA_LIMITS.initMs;
    this.started += 1;
    const environment = new Environment(this.spec, this.deps, this, initLimitMs, String(this.started));
    this.environments.add(environment);
    environment.start().then(
      () => this.deps.onStart?.(environment),
      () => environment.kill(),
    );
  }

  private async run(environment: Environment, job: Job): Promise<void> {
    const first = environment.served === 0;
    this.running += 1;
    job.onBegin?.(environment);
    const result = await environment.invoke(job);
    this.running -= 1;
    this.report(result, first ? environment.initMs : undefined);
    job.settle(result);
  }

  private report(result: InvokeResult, initMs: number | undefined): void {
    const init = initMs === undefined ? '' : `, init ${initMs} ms`;
    const source = this.spec.functionName;
    const { durationMs } = result;
    this.spec.onInvoked?.({ durationMs, initMs, errorType: result.ok ? undefined : result.error.errorType });
    if (result.ok) {
      this.deps.log({ source, level: 'info', message: `ok in ${durationMs} ms${init}` });
      return;
    }
    if (this.closed) {
      this.deps.log({ source, level: 'info', message: `ended with the run, after ${durationMs} ms` });
      return;
    }
    const { errorType, errorMessage } = result.error;
    const message = `failed in ${durationMs} ms${init}: ${errorType}`;
    this.deps.log({ source, level: 'error', message, detail: errorMessage });
  }

  public onIdle(environment: Environment): void {
    if (environment.retiring) environment.kill();
    else this.drain();
  }

  /**
   * Ends an environment that was not used for some minutes. The last environment is kept, so that the next invocation
   * needs no start.
   */
  public onUnused(environment: Environment): void {
    if (this.serving().length === 1) return;
    environment.retiring = true;
    environment.kill();
  }

  public onEnd(environment: Environment, initFailure?: InitFailure): void {
    this.environments.delete(environment);
    if (initFailure && !environment.retiring) this.failWaiting(initFailure);
    if (this.closed) return;
    this.startAhead();
    this.drain();
  }

  /**
   * Handles a failed init. An environment starts for the first waiting invocation, so this invocation receives the
   * failure. As on Lambda, an init of more than 10 s is repeated once within the function's own time limit.
   */
  private failWaiting({ error, timedOut }: InitFailure): void {
    const job = this.queue[0];
    this.deps.log({
      source: this.spec.functionName,
      level: 'error',
      message: `init failed: ${error.errorType}`,
      detail: error.errorMessage,
    });
    if (!job) return;
    if (timedOut && !job.initTimedOut) {
      job.initTimedOut = true;
      return;
    }
    this.queue.shift();
    job.settle(unhandled(withRequestId(error, job.requestId)));
  }
}

function unhandled(error: FunctionError): InvokeResult {
  return { ok: false, kind: 'Unhandled', error, durationMs: 0 };
}

function withRequestId(error: FunctionError, requestId: string): FunctionError {
  if (!error.errorMessage.startsWith('Error: ') || error.trace) return error;
  return { ...error, errorMessage: `RequestId: ${requestId} ${error.errorMessage}` };
}
