import { Pace, type PaceOptions, type Sender, STOP } from '../resend/pace';
import { Alarm } from '../util/clock';
import { callListener } from '../util/listener';
import { fromWire, StreamerError } from '../wire/errors';
import type { Json, RequestFrame, RequestStatus } from '../wire/messages';
import { advance } from './request-machine';
import type {
  EventReport,
  Outcome,
  ProgressReport,
  RequestEffect,
  RequestInput,
  RequestState,
  RequestTimes,
} from './request-state';

/** As much of an `AbortSignal` as this client uses. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Where a request stands: what to store so that a reloaded page can `attach` and go on. */
export interface RequestSnapshot {
  readonly id: string;
  readonly action: string;
  readonly status: RequestStatus;
  /** The next log offset to deliver; once it has ended, the offset of the end. */
  readonly offset: number;
  /** Names the log that `offset` counts in; unknown until the server has said it. */
  readonly epoch?: string;
  /** Opaque; lets others of the tenant attach, where the action allows it. */
  readonly ref?: string;
  /** Number of the run, from 1; 0: not known yet. */
  readonly run: number;
  /** Number of the latest attempt seen, within its run and from 1; 0: none yet. */
  readonly attempt: number;
  /** Number of that attempt over all runs; 0: none yet. After `attach` the client ignores frames of earlier attempts by it. */
  readonly fence: number;
  /** 0 to 100. */
  readonly percentage: number;
}

export interface Listeners {
  readonly onProgress?: (progress: ProgressReport) => void;
  readonly onEvent?: (event: EventReport) => void;
  readonly onState?: (snapshot: RequestSnapshot) => void;
  readonly onReset?: () => void;
}

export interface LiveRequestOptions extends Listeners {
  readonly signal?: AbortSignalLike;
  readonly timeoutMs?: number;
  readonly ackTimeoutMs?: number;
  readonly ref?: string;
}

/** What a request needs of its surroundings. */
export interface RequestHost extends PaceOptions {
  send(message: { readonly text: string } | { readonly attach: object }, request: LiveRequest): void;
  /** Is told what a listener threw. */
  report(error: unknown): void;
  /** The request needs nothing more. */
  done(request: LiveRequest): void;
}

/** One request with its timer, its listeners and its promise: carries out what the state machine decides. */
export class LiveRequest implements Sender {
  readonly promise: Promise<Json>;
  private resolve!: (result: Json) => void;
  private reject!: (error: StreamerError) => void;
  private readonly times: RequestTimes;
  private readonly pace: Pace;
  private readonly limit: Alarm;
  private reported: string | undefined;
  private isOver = false;
  private readonly onAbort = (): void => this.fail(abortError(this.options.signal));

  constructor(
    private state: RequestState,
    /** The text of the `request`; absent for one that was sent in another life. */
    private readonly text: string | undefined,
    private readonly options: LiveRequestOptions,
    private readonly around: RequestHost,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.times = { ...around.times, ackTimeoutMs: options.ackTimeoutMs ?? around.times.ackTimeoutMs };
    this.pace = new Pace(around, (alive) => this.input({ type: 'timer', alive }));
    this.limit = new Alarm(around.clock, () => this.fail(timeoutError(options.timeoutMs)));
  }

  get id(): string {
    return this.state.id;
  }

  /** Begins to listen to the signal and to count the time. */
  start(): void {
    if (this.options.signal?.aborted) {
      this.onAbort();
      return;
    }
    this.options.signal?.addEventListener('abort', this.onAbort);
    const { timeoutMs = Number.POSITIVE_INFINITY } = this.options;
    if (timeoutMs < Number.POSITIVE_INFINITY) this.limit.set(timeoutMs);
    this.reportState();
  }

  opened(): void {
    this.input({ type: 'open' });
  }

  lost(): void {
    this.input({ type: 'lost' });
  }

  received(frame: RequestFrame): void {
    this.input({ type: 'frame', frame });
  }

  /** Handles the report that one message of this connection was not delivered to the server. @returns whether it may have been this request's message */
  throttled(): boolean {
    if (this.isOver || this.state.awaiting === undefined || this.state.delayed) return false;
    this.input({ type: 'throttled' });
    return true;
  }

  /** Ends it here; the work goes on. */
  fail(error: StreamerError): void {
    this.end(() => this.reject(error));
  }

  /** The connection ended because of the frame sent last, and that was this request's. */
  failIfUnanswered(error: StreamerError): void {
    if (!this.state.accepted) this.fail(error);
  }

  private input(input: RequestInput): void {
    if (this.isOver) return;
    const { state, effects } = advance(this.state, input, this.times);
    this.state = state;
    const end = effects.find((effect) => effect.type === 'settle');
    for (const effect of effects) if (effect !== end) this.carryOut(effect);
    this.reportState();
    if (end) this.settle(end.outcome);
  }

  private carryOut(effect: RequestEffect): void {
    // A listener may have aborted in the middle of these effects.
    if (this.isOver) return;
    if (this.pace.takes(effect)) return;
    switch (effect.type) {
      case 'send-request':
        this.around.send({ text: this.text ?? '' }, this);
        break;
      case 'send-attach':
        this.around.send({ attach: this.attachMessage(effect) }, this);
        break;
      default:
        this.tell(() => this.report(effect));
    }
  }

  private report(effect: RequestEffect): unknown {
    if (effect.type === 'progress') return this.options.onProgress?.(effect.progress);
    if (effect.type === 'event') return this.options.onEvent?.(effect.event);
    return this.options.onReset?.();
  }

  private attachMessage({ offset, epoch }: { offset: number; epoch: string | undefined }): object {
    const { ref } = this.options;
    return { type: 'attach', id: this.id, offset, epoch, ref };
  }

  private settle(outcome: Outcome): void {
    this.end(() => (outcome.ok ? this.resolve(outcome.result) : this.reject(fromWire(outcome.error))));
  }

  private end(settlePromise: () => void): void {
    if (this.isOver) return;
    this.isOver = true;
    this.pace.takes(STOP);
    this.limit.clear();
    this.options.signal?.removeEventListener('abort', this.onAbort);
    this.around.done(this);
    settlePromise();
  }

  private reportState(): void {
    const { onState } = this.options;
    if (!onState || this.isOver) return;
    const snapshot = snapshotOf(this.state);
    const text = JSON.stringify(snapshot);
    if (text === this.reported) return;
    this.reported = text;
    this.tell(() => onState(snapshot));
  }

  /** A listener's error is the application's; it must not stop the request. */
  private tell(listener: () => unknown): void {
    callListener(listener, (error) => this.around.report(error));
  }
}

const SHOWN = ['id', 'action', 'status', 'offset', 'epoch', 'ref', 'run', 'attempt', 'fence', 'percentage'] as const;

function snapshotOf(state: RequestState): RequestSnapshot {
  const known = SHOWN.flatMap((key) => (state[key] === undefined ? [] : [[key, state[key]]]));
  return Object.fromEntries(known) as RequestSnapshot;
}

function abortError(signal: AbortSignalLike | undefined): StreamerError {
  return new StreamerError('ABORTED', 'The abort signal fired. The request itself goes on; attach to see its end.', {
    cause: signal?.reason,
  });
}

function timeoutError(timeoutMs: number | undefined): StreamerError {
  return new StreamerError(
    'TIMEOUT',
    `There was no outcome within ${timeoutMs} ms. The request itself may go on; attach to see its end.`,
    { details: { timeoutMs: timeoutMs ?? null } },
  );
}
