import { randomUUID } from 'node:crypto';
import type { Door } from '../http';
import { type Clock, type FunctionInvoker, type InvokeOptions, type InvokeResult, systemClock } from '../types';
import { AsyncInvocations } from './async-invocations';
import { defaultEnvironments, parallelStarts } from './capacity';
import { clockArgs } from './clock-fault';
import { KeptCredentials } from './credentials';
import { FunctionPool } from './function-pool';
import { nodeMajor } from './node-binary';
import { type ProcessCommand, Runtimes } from './runtimes';
import { type EnvironmentInfo, type FunctionSpec, LAMBDA_LIMITS, type LambdaHostOptions } from './types';
import type { FunctionCredentials } from './variables';

interface Registered {
  spec: FunctionSpec;
  readonly pool: FunctionPool;
  readonly credentials: FunctionCredentials;
}

/** Error for a function that does not exist: `ResourceNotFoundException`, HTTP 404. */
export class FunctionNotFoundError extends Error {
  public override readonly name = 'ResourceNotFoundException';
}

/** Error for an event above Lambda's limit: `RequestTooLargeException`, HTTP 413. */
export class RequestTooLargeError extends Error {
  public override readonly name = 'RequestTooLargeException';
}

/** Runs Lambda functions in separate processes. Each process has its own Runtime API. */
export class LambdaHost implements FunctionInvoker {
  private readonly functions = new Map<string, Registered>();
  /** Pools of removed functions, which may still have running invocations. */
  private readonly retired = new Set<FunctionPool>();
  private readonly clock: Clock;
  private readonly newId: () => string;
  private readonly runtimes: Runtimes;
  private readonly credentials: KeptCredentials;
  private readonly asynchronous: AsyncInvocations;
  private readonly killAll = () => {
    for (const { pool } of this.functions.values()) pool.kill();
    for (const pool of this.retired) pool.kill();
  };

  public constructor(private readonly options: LambdaHostOptions) {
    this.clock = options.clock ?? systemClock;
    this.newId = options.newId ?? randomUUID;
    this.runtimes = new Runtimes(options);
    this.credentials = new KeptCredentials(this.newId, options.state?.credentials);
    this.asynchronous = new AsyncInvocations({
      newId: this.newId,
      state: options.state?.events,
      clock: this.clock,
      log: options.log,
      invoke: (name, event, options) => this.invoke(name, event, options),
      onFailure: (name, event, error) => this.functions.get(name)?.spec.onFailure?.(event, error),
    });
    process.on('exit', this.killAll);
  }

  /**
   * Returns the reason why functions of a runtime cannot run on this machine, and the remedy. Undefined if they can
   * run.
   */
  public problemOf(runtime: string): string | undefined {
    return this.runtimes.problem(runtime);
  }

  /**
   * Registers a function.
   *
   * @throws Error if there is a function with this name, or if its runtime is not available
   */
  public register(spec: FunctionSpec): void {
    const { functionName } = spec;
    if (this.functions.has(functionName)) throw new Error(`Function already registered: ${functionName}`);
    this.runtimes.command(spec);
    const credentials = this.credentials.of(functionName);
    const pool = new FunctionPool(spec, {
      clock: this.clock,
      newId: this.newId,
      log: this.options.log,
      commandFor: (current) => this.commandFor(current),
      onStart: (environment) => this.options.faults?.onStart(environment),
      credentials,
      maxEnvironments: this.options.maxEnvironments ?? defaultEnvironments(),
      parallelStarts: parallelStarts(),
      onLine: (line, origin) => this.options.onOutput?.(functionName, line, origin),
    });
    this.functions.set(functionName, { spec, pool, credentials });
  }

  /**
   * Invokes a function and waits for its result.
   *
   * @throws FunctionNotFoundError, RequestTooLargeError or ThrottledError, as the Invoke API does
   */
  public async invoke(functionName: string, event: unknown, options: InvokeOptions = {}): Promise<InvokeResult> {
    const { pool } = this.find(functionName);
    const payload = serialize(event, LAMBDA_LIMITS.payloadBytes);
    const { requestId = this.newId(), traceId = this.newTraceId() } = options;
    const onBegin = this.options.faults?.onInvoke(functionName);
    return pool.invoke({ ...options, requestId, payload, traceId }, onBegin);
  }

  /**
   * Invokes a function asynchronously.
   *
   * @param onFirstAttempt called with the result of the first attempt
   * @throws FunctionNotFoundError or RequestTooLargeError, as the Invoke API does
   */
  public invokeAsync(
    functionName: string,
    event: unknown,
    options: InvokeOptions = {},
    onFirstAttempt?: (result: InvokeResult) => void,
  ): void {
    this.find(functionName);
    serialize(event, LAMBDA_LIMITS.asyncPayloadBytes);
    const withId = { ...options, requestId: options.requestId ?? this.newId() };
    this.asynchronous.submit(functionName, event, withId, onFirstAttempt);
  }

  /** Retries asynchronous events of an earlier run. It must be called after all functions were registered. */
  public resumeEvents(): void {
    this.asynchronous.resume();
  }

  /** Returns the running environments of one function or of all functions. */
  public environments(functionName?: string): EnvironmentInfo[] {
    return [...this.functions]
      .filter(([name]) => functionName === undefined || name === functionName)
      .flatMap(([name, { pool }]) => pool.list().map((environment) => ({ functionName: name, ...environment })));
  }

  /** Returns the Runtime APIs that are listening, one per environment. */
  public doors(): Door[] {
    return [...this.functions.values()].flatMap(({ pool }) => pool.doors());
  }

  /**
   * Returns the credentials of a function's processes. A service identifies the calling function by these credentials.
   */
  public credentialsOf(functionName: string): FunctionCredentials {
    return this.find(functionName).credentials;
  }

  /** Makes later invocations run in new environments. */
  public restart(functionName: string): void {
    const { pool, spec } = this.find(functionName);
    pool.restart(spec, false);
  }

  /**
   * Sets new code for a function. Later invocations run it in new environments; running invocations finish with the old
   * code. If the function was invoked before, an environment starts at once.
   */
  public replaceCode(functionName: string, codeDir: string): void {
    const registered = this.find(functionName);
    registered.spec = { ...registered.spec, codeDir };
    registered.pool.restart(registered.spec, true);
  }

  /** Starts an environment of a function before the first invocation. */
  public warm(functionName: string): void {
    this.find(functionName).pool.warm();
  }

  /** Sets a new folder with the same code. Environments that start later use it. */
  public relocateCode(functionName: string, codeDir: string): void {
    const registered = this.find(functionName);
    registered.spec = { ...registered.spec, codeDir };
    registered.pool.relocate(registered.spec);
  }

  /**
   * Replaces the specification of a function. Later invocations run in new environments, as with {@link replaceCode}.
   */
  public update(spec: FunctionSpec): void {
    const registered = this.find(spec.functionName);
    registered.spec = spec;
    registered.pool.restart(spec, true);
  }

  /** Removes a function. Running invocations finish; waiting invocations fail. */
  public unregister(functionName: string): void {
    const { pool } = this.find(functionName);
    this.functions.delete(functionName);
    this.retired.add(pool);
    pool.retire();
  }

  /** Ends all processes of functions and their child processes. */
  public async close(): Promise<void> {
    this.asynchronous.close();
    const pools = [...[...this.functions.values()].map(({ pool }) => pool), ...this.retired];
    await Promise.all(pools.map((pool) => pool.close(this.options.killGraceMs ?? 300)));
    process.removeListener('exit', this.killAll);
  }

  private commandFor(spec: FunctionSpec): ProcessCommand {
    const command = this.runtimes.command(spec);
    const clock = nodeMajor(spec.runtime) === undefined ? undefined : this.options.faults?.clockOf(spec.functionName);
    return clock ? { ...command, args: [...clockArgs(clock), ...command.args] } : command;
  }

  private find(functionName: string): Registered {
    const registered = this.functions.get(functionName);
    if (!registered) throw new FunctionNotFoundError(`Function not found: ${functionName}`);
    return registered;
  }

  /** Returns an X-Ray header for a trace that is not sampled. */
  private newTraceId(): string {
    const hex = this.newId().replaceAll('-', '').padEnd(32, '0');
    const seconds = Math.floor(this.clock.now() / 1000).toString(16);
    return `Root=1-${seconds}-${hex.slice(0, 24)};Parent=${hex.slice(16, 32)};Sampled=0`;
  }
}

function serialize(event: unknown, limit: number): string {
  const payload = JSON.stringify(event ?? null);
  const size = Buffer.byteLength(payload);
  if (size > limit) throw new RequestTooLargeError(`Request must be smaller than ${limit} bytes, got: ${size}`);
  return payload;
}
