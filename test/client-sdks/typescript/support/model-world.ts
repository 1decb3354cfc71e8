import { advance } from '../../../../client-sdks/typescript/src/request/request-machine';
import {
  knownRequest,
  newRequest,
  type Outcome,
  type ProgressReport,
  type RequestEffect,
  type RequestState,
  type SnapshotReport,
} from '../../../../client-sdks/typescript/src/request/request-state';
import type {
  LogFrame,
  ProgressFrame,
  RequestFrame,
  SnapshotField,
} from '../../../../client-sdks/typescript/src/wire/messages';
import { DEFAULT_TIMING } from '../../../../client-sdks/typescript/src/wire/protocol';
import { ack, event, failure, marker, progress, result } from './frames';

/** The next action of the server's worker. `redrive` starts a finished request again. */
export type Work = 'event' | 'progress' | 'snapshot' | 'attempt' | 'result' | 'error' | 'redrive';

/** The next event of the model. Numbers choose one of the messages in transit. If there is none, the action does nothing. */
export type Action =
  | { readonly kind: 'work'; readonly work: Work; readonly percentage: number }
  | {
      readonly kind: 'deliver' | 'repeat' | 'drop' | 'serve' | 'drop-message' | 'throttle' | 'unknown' | 'refuse';
      readonly pick: number;
    }
  | { readonly kind: 'cut' | 'connect' | 'timer' | 'pong' };

type Message = Extract<RequestEffect, { type: 'send-request' | 'send-attach' }>;

const PAGE = 2;

/**
 * One request between a real state machine and a small correct server. The network may drop, repeat and reorder everything. With this model, a
 * property test can reach states that no author of tests would think of.
 */
export class World {
  readonly log: LogFrame[] = [];
  readonly events: number[] = [];
  /** The snapshots that the client has delivered, each with the number of events before it. */
  readonly snapshots: (SnapshotReport & { readonly after: number })[] = [];
  readonly progress: ProgressReport[] = [];
  readonly outcomes: Outcome[] = [];
  /** The latest run that the client has seen before its request was settled. */
  namedRun = 0;
  /** Number of copies of the request that were sent over the current connection, and whether the connection has answered since the last probe. */
  sends = 0;
  /** Whether any frame has named the request. */
  isNamed = false;
  private isAlive = false;
  private state: RequestState;
  private hasTimer = false;
  private isConnected = false;
  private toServer: Message[] = [];
  private toClient: RequestFrame[] = [];
  private isStored = false;
  private isViewer = false;
  private run = 1;
  private attempt = 0;
  private fence = 0;
  private seq = 0;
  private latest: ProgressFrame | undefined;
  private snapshot: SnapshotField | undefined;

  /** @param isLate whether the client attaches to a request of another device, and starts at its latest snapshot */
  constructor(isLate = false) {
    this.isStored = isLate;
    this.state = isLate ? knownRequest('r-1', 'report', {}, true) : newRequest('r-1', 'report');
  }

  act(action: Action): void {
    const pick = 'pick' in action ? action.pick : 0;
    const acts: Record<Action['kind'], () => void> = {
      work: () => action.kind === 'work' && this.work(action.work, action.percentage),
      connect: () => this.connect(),
      cut: () => this.cut(),
      timer: () => this.timer(),
      pong: () => {
        this.isAlive = this.isConnected;
      },
      throttle: () => take(this.toServer, pick, () => this.input({ type: 'throttled' })),
      unknown: () => take(this.toServer, pick, (message) => this.unknown(message, pick)),
      refuse: () => take(this.toServer, pick, (message) => this.refuse(message, pick)),
      serve: () => take(this.toServer, pick, (message) => this.serve(message)),
      'drop-message': () => take(this.toServer, pick, () => undefined),
      deliver: () => take(this.toClient, pick, (frame) => this.frame(frame)),
      drop: () => take(this.toClient, pick, () => undefined),
      repeat: () => take(this.toClient.slice(), pick, (frame) => this.frame(frame)),
    };
    acts[action.kind]();
  }

  get isSettled(): boolean {
    return this.state.settled;
  }

  /** Ends all faults. From now on nothing is lost, the work ends, and everything arrives. */
  finish(): void {
    this.connect();
    this.act({ kind: 'pong' });
    for (let i = 0; i < 200 && !this.isSettled; i++) {
      if (this.toServer.length > 0) this.act({ kind: 'serve', pick: 0 });
      else if (this.toClient.length > 0) this.act({ kind: 'deliver', pick: 0 });
      else if (this.isStored && !this.isEnded) this.work('result', 0);
      else this.timer();
    }
  }

  // the client

  private input(input: Parameters<typeof advance>[1]): void {
    const { state, effects } = advance(this.state, input, DEFAULT_TIMING);
    this.state = state;
    for (const effect of effects) this.carryOut(effect);
  }

  private carryOut(effect: RequestEffect): void {
    if (effect.type === 'send-request' || effect.type === 'send-attach') this.toServer.push(effect);
    if (effect.type === 'send-request') this.sends += 1;
    if (effect.type === 'timer') this.hasTimer = effect.ms !== undefined;
    if (effect.type === 'delay') this.hasTimer = true;
    if (effect.type === 'probe') this.isAlive = false;
    if (effect.type === 'event') this.events.push(effect.event.offset);
    if (effect.type === 'snapshot') this.snapshots.push({ ...effect.snapshot, after: this.events.length });
    if (effect.type === 'progress') this.progress.push(effect.progress);
    if (effect.type === 'settle') this.outcomes.push(effect.outcome);
  }

  private frame(frame: RequestFrame): void {
    if (!this.isSettled && (frame.type !== 'error' || frame.offset !== undefined)) this.isNamed = true;
    if (frame.type === 'ack' && !this.isSettled) this.namedRun = Math.max(this.namedRun, frame.run);
    this.input({ type: 'frame', frame });
  }

  private timer(): void {
    if (!this.hasTimer) return;
    this.hasTimer = false;
    this.input({ type: 'timer', alive: this.isAlive });
  }

  // the connection

  private connect(): void {
    if (this.isConnected) return;
    this.isConnected = true;
    if (!this.isSettled) this.sends = 0;
    this.input({ type: 'open' });
  }

  private cut(): void {
    if (!this.isConnected) return;
    this.isConnected = false;
    this.isViewer = false;
    this.toServer = [];
    this.toClient = [];
    this.input({ type: 'lost' });
  }

  // the server

  private get isEnded(): boolean {
    const last = this.log.at(-1);
    return last !== undefined && last.type !== 'event' && last.run === this.run;
  }

  /** The client gets an error with an unknown outcome. The message may have been stored. */
  private unknown(message: Message, pick: number): void {
    if (message.type === 'send-request' && pick % 2 === 0) this.isStored = true;
    const error = { code: 'OUTCOME_UNKNOWN', message: '', retryable: true, ...(pick === 3 && { retryAfter: 1e15 }) };
    this.toClient.push({ type: 'error', id: 'r-1', for: typeOf(message), error });
  }

  /** Refuses a message. An attach is refused temporarily. A copy of a stored request is refused permanently, which only refuses the copy. */
  private refuse(message: Message, pick: number): void {
    // The first copy of a request is stored. The refused message is another copy.
    if (message.type === 'send-request' && !this.isNamed) {
      this.serve(message);
      return;
    }
    const error = { code: 'RATE_LIMITED', message: '', retryable: true, retryAfter: pick === 3 ? Infinity : pick };
    this.toClient.push({ type: 'error', id: 'r-1', for: typeOf(message), error });
  }

  private serve(message: Message): void {
    this.isViewer = true;
    if (message.type === 'send-request' && !this.isStored) {
      this.isStored = true;
      this.toClient.push(ack());
    } else {
      this.answer(message.type === 'send-attach' ? message.offset : 0, message.type === 'send-attach');
    }
  }

  private answer(wanted: number | undefined, isAttach: boolean): void {
    const snapshot = wanted === undefined ? this.snapshot : undefined;
    const from = wanted ?? snapshot?.offset ?? 0;
    const entries = this.log.slice(from, from + PAGE);
    const offset = Math.min(from + PAGE, this.log.length);
    this.toClient.push(
      ack({
        status: this.isEnded ? (this.log.at(-1)?.type === 'result' ? 'COMPLETED' : 'FAILED') : 'RUNNING',
        run: this.run,
        entries,
        ...(snapshot ? { snapshot } : {}),
        offset: Math.max(from, offset),
        ...(offset < this.log.length ? { more: true } : {}),
        ...(isAttach ? { recovered: true } : {}),
        // A request that has ended also has progress, because the last report comes before the end.
        ...(this.latest ? { progress: this.latest } : {}),
      }),
    );
  }

  private work(work: Work, percentage: number): void {
    if (!this.isStored || (work === 'redrive') !== this.isEnded) return;
    if (work === 'redrive') [this.run, this.attempt] = [this.run + 1, 0];
    if (work === 'attempt' || this.attempt === 0) this.claim();
    const { length: offset } = this.log;
    if (work === 'event')
      this.append({ ...event(offset, { n: offset }, this.attempt), run: this.run, fence: this.fence });
    if (work === 'result') this.append(result(offset, `run ${this.run}`, this.run));
    if (work === 'error') this.append(failure(offset, this.run));
    if (work === 'progress') this.report(percentage);
    const { run, attempt, fence } = this;
    if (work === 'snapshot') this.snapshot = { ...{ offset, run, attempt, fence }, data: `before ${offset}` };
  }

  private claim(): void {
    this.attempt += 1;
    this.fence += 1;
    this.seq = 0;
    this.latest = undefined;
    this.append(marker(this.log.length, this.attempt, this.run, this.fence));
  }

  private report(percentage: number): void {
    const { run, attempt, fence } = this;
    const seq = this.seq++;
    this.latest = progress({ run, attempt, fence, seq, afterOffset: this.log.length, percentage, metadata: { seq } });
    this.post(this.latest);
  }

  private append(entry: LogFrame): void {
    this.log.push(entry);
    this.post(entry);
  }

  private post(frame: RequestFrame): void {
    if (this.isViewer) this.toClient.push(frame);
  }
}

const typeOf = (message: Message) => (message.type === 'send-request' ? 'request' : 'attach');

function take<T>(items: T[], pick: number, use: (item: T) => void): void {
  if (items.length === 0) return;
  const [item] = items.splice(pick % items.length, 1);
  use(item as T);
}
