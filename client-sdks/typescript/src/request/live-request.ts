import { TRANSFERS, type Transfers } from '../payload/transfer';
import { Pace, type PaceOptions, type Sender, STOP } from '../resend/pace';
import { Alarm } from '../util/clock';
import { callListener } from '../util/listener';
import { type AbortSignalLike, Stop } from '../util/stop';
import { fromWire, StreamerError } from '../wire/errors';
import type { Download, Json, RequestFrame, RequestStatus } from '../wire/messages';
import { advance } from './request-machine';
import type {
  EventReport,
  Outcome,
  ProgressReport,
  RequestEffect,
  RequestInput,
  RequestState,
  RequestTimes,
  SnapshotReport,
} from './request-state';

/** State of a request. Store it, so that the page can `attach` and continue after a reload. */
export interface RequestSnapshot {
  readonly id: string;
  readonly action: string;
  readonly status: RequestStatus;
  /** The next log offset to deliver. After the end of the request, it is the offset of the terminal entry. */
  readonly offset: number;
  /** Identifies the log in which `offset` counts. It is undefined until the first `ack`. */
  readonly epoch?: string;
  /** Opaque id. Other users of the tenant can attach with it, if the action allows it. */
  readonly ref?: string;
  /** Number of the run, from 1; 0 if it is not known yet. */
  readonly run: number;
  /** Number of the latest attempt that the client has seen, within its run, from 1; 0 if the client has seen none yet. */
  readonly attempt: number;
  /**
   * Fence of the latest attempt, which counts over all runs; 0 if the client has seen no attempt yet. After `attach`, the client uses it to ignore
   * frames of earlier attempts.
   */
  readonly fence: number;
  /** Number of the slice of the latest attempt, from 2. Absent in the first slice, or if the number is not known. */
  readonly slice?: number;
  /** Percentage from 0 to 100. */
  readonly percentage: number;
}

export interface Listeners {
  readonly onProgress?: (progress: ProgressReport) => void;
  readonly onEvent?: (event: EventReport) => void;
  readonly onSnapshot?: (snapshot: SnapshotReport) => void;
  readonly onState?: (snapshot: RequestSnapshot) => void;
  readonly onReset?: () => void;
  readonly onRedrive?: () => void;
}

export interface LiveRequestOptions extends Listeners {
  readonly signal?: AbortSignalLike;
  readonly timeoutMs?: number;
  readonly ackTimeoutMs?: number;
  readonly ref?: string;
}

/** Creates the frame of a request, for example after the upload of its input. */
export type PrepareText = (stop: AbortSignalLike) => Promise<string>;

/** Functions that a request needs from the session. */
export interface RequestHost extends PaceOptions {
  send(message: { readonly text: string } | { readonly attach: object }, request: LiveRequest): void;
  readonly transfers: Transfers;
  /** Whether the client is connected. */
  isOpen(): boolean;
  /** Called with an error that a listener threw. */
  report(error: unknown): void;
  /** Called when the request has an outcome. */
  done(request: LiveRequest): void;
}

/** One request with its timer, its listeners and its promise. It carries out the effects of the state machine. */
export class LiveRequest implements Sender {
  readonly promise: Promise<Json>;
  private resolve!: (result: Json) => void;
  private reject!: (error: StreamerError) => void;
  private readonly times: RequestTimes;
  private readonly pace: Pace;
  private readonly limit: Alarm;
  private reported: string | undefined;
  private isOver = false;
  /** Fires when the request has an outcome in this client. */
  private readonly over = new Stop();
  private downloads = 0;
  private readonly nextDownload: Alarm;
  private readonly onAbort = (): void => this.fail(abortError(this.options.signal));

  constructor(
    private state: RequestState,
    /**
     * The frame of the `request`, or a function that creates it and stops when the signal fires. It is undefined for a request that was sent before a
     * reload.
     */
    private text: string | PrepareText | undefined,
    private readonly options: LiveRequestOptions,
    private readonly around: RequestHost,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.times = { ...around.times, ackTimeoutMs: options.ackTimeoutMs ?? around.times.ackTimeoutMs };
    this.pace = new Pace(around, (alive) => this.input({ type: 'timer', alive }));
    this.nextDownload = new Alarm(around.clock, () => this.readAgain());
    this.limit = new Alarm(around.clock, () => this.fail(timeoutError(options.timeoutMs)));
  }

  get id(): string {
    return this.state.id;
  }

  /** Whether the server is known to have the request. */
  get isAccepted(): boolean {
    return this.state.accepted;
  }

  /** Starts to listen to the abort signal, and starts the timeout. */
  start(): void {
    if (this.options.signal?.aborted) {
      this.onAbort();
      return;
    }
    this.options.signal?.addEventListener('abort', this.onAbort);
    const { timeoutMs = Number.POSITIVE_INFINITY } = this.options;
    if (timeoutMs < Number.POSITIVE_INFINITY) this.limit.set(timeoutMs);
    this.reportState();
    if (typeof this.text === 'function') void this.prepare(this.text);
  }

  /** Creates the frame. Until then, nothing is sent. */
  private async prepare(create: PrepareText): Promise<void> {
    try {
      this.text = await create(this.over);
      if (this.around.isOpen()) this.opened();
    } catch (error) {
      this.fail(error as StreamerError);
    }
  }

  opened(): void {
    this.input({ type: 'open' });
  }

  lost(): void {
    this.input({ type: 'lost' });
  }

  /** Moves to the current connection. @param renews whether the previous one refuses messages */
  moveOn(renews: boolean): void {
    this.input({ type: 'move', renews });
  }

  overdue(): void {
    this.input({ type: 'overdue' });
  }

  /** Whether the request still needs the previous connection. */
  get isMoving(): boolean {
    return this.state.move !== undefined;
  }

  /** @param isPrevious whether the frame came over the previous connection */
  received(frame: RequestFrame, isPrevious: boolean): void {
    this.input({ type: 'frame', frame, isPrevious });
  }

  /** Handles the answer to a `cancel`, which is not part of the log. */
  ended(status: RequestStatus): void {
    this.input({ type: 'ended', status });
  }

  /**
   * Handles the report that the server did not receive one message of this connection. @returns whether it may have been a message of this request
   */
  throttled(): boolean {
    if (this.isOver || this.state.awaiting === undefined || this.state.delayed) return false;
    this.input({ type: 'throttled' });
    return true;
  }

  /** Fails the request in this client. On the server, the request continues. */
  fail(error: StreamerError): void {
    this.end(() => this.reject(error));
  }

  /** Fails the request if the server has not accepted it. Called if this request sent the last frame, and this frame ended the connection. */
  failIfUnanswered(error: StreamerError): void {
    if (!this.state.accepted) this.fail(error);
  }

  private input(input: RequestInput): void {
    if (this.isOver || typeof this.text === 'function') return;
    const { state, effects } = advance(this.state, input, this.times);
    this.state = state;
    const end = effects.find((effect) => effect.type === 'settle');
    for (const effect of effects) if (effect !== end) this.carryOut(effect);
    this.reportState();
    if (end) this.settle(end.outcome);
  }

  private carryOut(effect: RequestEffect): void {
    // A listener may have aborted the request while the previous effects were carried out.
    if (this.isOver) return;
    if (this.pace.takes(effect)) return;
    switch (effect.type) {
      case 'send-request':
        this.around.send({ text: String(this.text ?? '') }, this);
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
    if (effect.type === 'snapshot') return this.options.onSnapshot?.(effect.snapshot);
    return this.options.onReset?.();
  }

  private attachMessage({ offset, epoch }: { offset: number | undefined; epoch: string | undefined }): object {
    const { ref } = this.options;
    return { type: 'attach', id: this.id, offset, epoch, ref };
  }

  /** Whether the request has ended without a result, and the application wants a notification when it runs again. */
  get awaitsRedrive(): boolean {
    const { settled, status, run } = this.state;
    return this.options.onRedrive !== undefined && settled && status !== 'COMPLETED' && run > 0;
  }

  /** Handles a frame that came after the end. @returns whether it shows that the request runs again */
  redriven(frame: RequestFrame): boolean {
    const { onRedrive } = this.options;
    if (!onRedrive || !('run' in frame) || frame.run <= this.state.run) return false;
    this.tell(onRedrive);
    return true;
  }

  private settle(outcome: Outcome): void {
    if (outcome.at) void this.download(outcome, outcome.at);
    else this.settleWith(outcome, outcome.ok ? outcome.result : outcome.partial);
  }

  private settleWith(outcome: Outcome, value: Json | undefined): void {
    this.end(() => (outcome.ok ? this.resolve(value as Json) : this.reject(fromWire(outcome.error, value))));
  }

  /** Downloads the value of the outcome. Its URL may have expired, so a failed download is repeated with another URL. */
  private async download(outcome: Outcome, at: Download): Promise<void> {
    const { transfers } = this.around;
    try {
      const value = await transfers.download(at, this.over);
      this.settleWith(outcome, value);
    } catch (error) {
      if (this.isOver) return;
      // Without a connection, the next one brings another URL.
      if (!this.around.isOpen()) return this.readAgain();
      this.downloads += 1;
      if (this.downloads >= TRANSFERS) this.fail(error as StreamerError);
      else this.nextDownload.set(transfers.waitMs(this.downloads));
    }
  }

  /** Reads the terminal entry again, which then has another URL. */
  private readAgain(): void {
    const connected = this.around.isOpen();
    this.state = { ...this.state, settled: false, connected };
    if (connected) this.opened();
  }

  private end(settlePromise: () => void): void {
    if (this.isOver) return;
    this.isOver = true;
    this.pace.takes(STOP);
    this.limit.clear();
    this.nextDownload.clear();
    this.over.abort();
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

  /** Calls a listener. An error of a listener belongs to the application, so it must not stop the request. */
  private tell(listener: () => unknown): void {
    callListener(listener, (error) => this.around.report(error));
  }
}

const SHOWN = [
  'id',
  'action',
  'status',
  'offset',
  'epoch',
  'ref',
  'run',
  'attempt',
  'fence',
  'slice',
  'percentage',
] as const;

function snapshotOf(state: RequestState): RequestSnapshot {
  const known = SHOWN.flatMap((key) => (state[key] === undefined ? [] : [[key, state[key]]]));
  return Object.fromEntries(known) as RequestSnapshot;
}

function abortError(signal: AbortSignalLike | undefined): StreamerError {
  return new StreamerError('ABORTED', 'The abort signal fired. The request itself continues; attach to see its end.', {
    cause: signal?.reason,
  });
}

function timeoutError(timeoutMs: number | undefined): StreamerError {
  return new StreamerError(
    'TIMEOUT',
    `There was no outcome within ${timeoutMs} ms. The request itself may continue; attach to see its end.`,
    { details: { timeoutMs: timeoutMs ?? null } },
  );
}
