import { type Door, environmentToken } from '../http';
import type { Clock, FunctionError, InvokeResult, Timer } from '../types';
import { FunctionProcess } from './function-process';
import { RuntimeApiServer } from './runtime-api-server';
import type { ProcessCommand } from './runtimes';
import { type FunctionSpec, INSPECTED_MS, LAMBDA_LIMITS, type OutputOrigin } from './types';
import { type FunctionCredentials, functionVariables, logStreamName } from './variables';

export interface EnvironmentDependencies {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly commandFor: (spec: FunctionSpec) => ProcessCommand;
  readonly credentials: FunctionCredentials;
  readonly onLine: (line: string, origin: OutputOrigin) => void;
}

export interface EnvironmentEvents {
  /** Called when the environment waits for an event: after its initialization and after each invocation. */
  onIdle(environment: Environment): void;
  /** Called when the environment has received no event for some minutes. */
  onUnused(environment: Environment): void;
  /** Called when the process of the environment has ended. `initFailure` is present if the initialization failed. */
  onEnd(environment: Environment, initFailure?: InitFailure): void;
}

export interface InitFailure {
  readonly error: FunctionError;
  readonly timedOut: boolean;
}

export interface Invocation {
  readonly requestId: string;
  readonly payload: string;
  readonly traceId: string;
  readonly invokedArn?: string;
  readonly clientContext?: string;
}

/**
 * Time in milliseconds for which an idle environment is kept. Lambda keeps one for some minutes, but does not document
 * the exact time.
 */
const UNUSED_MS = 5 * 60_000;

type State = 'starting' | 'idle' | 'busy' | 'finishing' | 'ended';

/**
 * One execution environment: a process and its Runtime API. It serves one event at a time. A timeout
 * or the end of the process ends both the invocation and the environment.
 */
export class Environment {
  /** Duration of the initialization in milliseconds; undefined until it has finished. */
  public initMs: number | undefined;
  /** Number of events that the environment has received. */
  public served = 0;
  /** Whether the environment accepts no more events and ends after the current one. */
  public retiring = false;
  public idleSince = 0;
  private state: State = 'starting';
  private process: FunctionProcess | undefined;
  private readonly api: RuntimeApiServer;
  private timer: Timer;
  private initFailure: InitFailure | undefined;
  private payload: string | undefined;
  private invocation: (Invocation & { startedAt: number; settle: (result: InvokeResult) => void }) | undefined;

  public constructor(
    private readonly spec: FunctionSpec,
    private readonly deps: EnvironmentDependencies,
    private readonly events: EnvironmentEvents,
    private readonly initLimitMs: number,
    public readonly id: string,
  ) {
    this.api = new RuntimeApiServer({
      onNext: () => this.becomeIdle(),
      onResponse: (body) => this.settle(toResult(body)),
      onResponseTooLarge: () => this.settle(failed('Unhandled', RESPONSE_TOO_LARGE)),
      onError: (error) => this.settle(failed(error.errorType.startsWith('Runtime.') ? 'Unhandled' : 'Handled', error)),
      onInitError: (error) => {
        this.initFailure = { error, timedOut: false };
      },
    });
  }

  public get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Runtime API of the environment; undefined while it does not listen. */
  public get door(): Door | undefined {
    return this.api.door(this.spec.functionName);
  }

  public get functionName(): string {
    return this.spec.functionName;
  }

  public get codeDir(): string {
    return this.spec.codeDir;
  }

  public get idle(): boolean {
    return this.state === 'idle';
  }

  public get busy(): boolean {
    return this.state === 'busy' || this.state === 'finishing';
  }

  public get starting(): boolean {
    return this.state === 'starting';
  }

  /** Whether the environment will soon be idle: it is starting, or has responded and will soon poll again. */
  public get coming(): boolean {
    return this.state === 'starting' || this.state === 'finishing';
  }

  public async start(): Promise<void> {
    const startedAt = this.deps.clock.now();
    const runtimeApi = await this.api.listen();
    if (this.state === 'ended') return this.api.close();
    this.idleSince = startedAt;
    this.timer = this.deps.clock.setTimeout(() => this.timeOutInit(), this.limit(this.initLimitMs));
    this.process = this.spawn(runtimeApi);
  }

  /**
   * Invokes the function. It must be called only while the environment is idle. It never rejects: a failure is a
   * result.
   */
  public invoke(invocation: Invocation): Promise<InvokeResult> {
    const startedAt = this.deps.clock.now();
    this.state = 'busy';
    this.served += 1;
    this.payload = invocation.payload;
    this.deps.clock.clearTimeout(this.timer);
    const timeoutMs = this.limit(this.spec.timeoutMs);
    this.timer = this.deps.clock.setTimeout(() => this.timeOut(), timeoutMs);
    return new Promise((resolve) => {
      this.invocation = { ...invocation, startedAt, settle: resolve };
      const deadlineMs = startedAt + timeoutMs;
      this.api.deliver({ ...invocation, deadlineMs, functionArn: invocation.invokedArn ?? this.spec.functionArn });
    });
  }

  /** Stops the process for a time in milliseconds. The time limits of the environment continue. */
  public freeze(ms: number): void {
    this.process?.freeze(ms);
  }

  /** Ends the environment at once. */
  public kill(): void {
    this.process?.kill();
    if (!this.process) this.end('Runtime exited before it started');
  }

  /** Ends the environment and gives handlers of SIGTERM time to finish. */
  public async stop(graceMs: number): Promise<void> {
    if (!this.process) return this.kill();
    await this.process.stop(graceMs);
  }

  private limit(ms: number): number {
    return this.spec.inspectPort === undefined ? ms : INSPECTED_MS;
  }

  private spawn(runtimeApi: string): FunctionProcess {
    const { spec } = this;
    const { clock, newId, commandFor, onLine } = this.deps;
    const { sessionToken } = this.deps.credentials;
    const credentials = { ...this.deps.credentials, sessionToken: environmentToken(sessionToken, this.id) };
    const { path, args, variables } = commandFor(spec);
    const logStream = logStreamName(clock.now(), newId);
    return new FunctionProcess({
      path,
      args,
      cwd: spec.codeDir,
      env: { ...variables, ...functionVariables({ spec, credentials, runtimeApi, logStream, path: process.env.PATH }) },
      onLine: (line, stream) => onLine(line, { stream: `${this.pid}/${stream}`, payload: this.payload }),
      onExit: (reason) => this.end(reason),
    });
  }

  private becomeIdle(): void {
    if (this.state === 'ended') return;
    const now = this.deps.clock.now();
    this.deps.clock.clearTimeout(this.timer);
    this.initMs ??= now - this.idleSince;
    this.idleSince = now;
    this.state = 'idle';
    this.timer = this.deps.clock.setTimeout(() => this.events.onUnused(this), UNUSED_MS);
    this.events.onIdle(this);
  }

  private timeOutInit(): void {
    const seconds = (this.initLimitMs / 1000).toFixed(2);
    const errorMessage = `Error: Task timed out after ${seconds} seconds`;
    this.initFailure = { error: { errorType: 'Sandbox.Timedout', errorMessage }, timedOut: true };
    this.kill();
  }

  private timeOut(): void {
    const seconds = (this.spec.timeoutMs / 1000).toFixed(2);
    this.settle(failed('Unhandled', this.ownError('Sandbox.Timedout', `Task timed out after ${seconds} seconds`)));
    // the process may request another event before it has ended
    this.retiring = true;
    this.kill();
  }

  private end(reason: string): void {
    if (this.state === 'ended') return;
    const wasStarting = this.state === 'starting';
    this.state = 'ended';
    this.deps.clock.clearTimeout(this.timer);
    this.api.close();
    this.settle(failed('Unhandled', this.ownError('Runtime.ExitError', reason)));
    const exit = { error: { errorType: 'Runtime.ExitError', errorMessage: `Error: ${reason}` }, timedOut: false };
    this.events.onEnd(this, wasStarting ? (this.initFailure ?? exit) : undefined);
  }

  private ownError(errorType: string, text: string): FunctionError {
    return { errorType, errorMessage: `RequestId: ${this.invocation?.requestId} Error: ${text}` };
  }

  private settle(outcome: Outcome): void {
    const invocation = this.invocation;
    if (!invocation) return;
    this.invocation = undefined;
    if (this.state === 'busy') this.state = 'finishing';
    invocation.settle({ ...outcome, durationMs: this.deps.clock.now() - invocation.startedAt });
  }
}

type Outcome = { ok: true; payload: unknown } | { ok: false; kind: 'Handled' | 'Unhandled'; error: FunctionError };

const RESPONSE_TOO_LARGE: FunctionError = {
  errorType: 'Function.ResponseSizeTooLarge',
  errorMessage: `Response payload size exceeded maximum allowed payload size (${LAMBDA_LIMITS.payloadBytes} bytes).`,
};

function failed(kind: 'Handled' | 'Unhandled', error: FunctionError): Outcome {
  return { ok: false, kind, error };
}

function toResult(body: string): Outcome {
  try {
    return { ok: true, payload: JSON.parse(body) };
  } catch {
    return failed('Unhandled', { errorType: 'Runtime.MarshalError', errorMessage: 'The response is not JSON' });
  }
}
