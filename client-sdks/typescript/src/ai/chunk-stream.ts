import type { StreamerError } from '..';
import type { RequestHandle } from '../request/handle';
import type { RequestSnapshot } from '../request/live-request';
import type { EventReport, ProgressReport } from '../request/request-state';
import type { AbortSignalLike } from '../util/stop';
import { type Attempts, CHUNKS_EVENT, ChatRestartError, type ChunkBatch, sliceOf, type UIChunk } from './chunks';

/** Starts to follow a request with these listeners. */
export type Follow = (listeners: object) => RequestHandle<unknown, never>;

export interface ChunkStreamOptions {
  readonly attempts: Attempts;
  /** Whether the request is read from the start of its log. Its first chunks are then held until the latest attempt is known. */
  readonly isReplay: boolean;
  /** Signal of the chat's `stop()`. It cancels the request. */
  readonly abortSignal: AbortSignalLike | undefined;
  /** Called when the request has ended, or when the user has stopped it. */
  readonly onEnd: () => void;
}

/** A replay has reached the end of the log if no chunk arrives for this time. */
const QUIET_MS = 100;

/** Codes of errors that concern this client. The request itself may continue. */
const OWN_CODES: ReadonlySet<string> = new Set([
  'ABORTED',
  'CLIENT_CLOSED',
  'CONNECT_FAILED',
  'OUTCOME_UNKNOWN',
  'TIMEOUT',
  'TOKEN_EXPIRED',
  'UNAUTHORIZED',
]);

/**
 * Reads one request as a stream of chunks.
 *
 * The stream stays open while the client reconnects. If the reader cancels the stream, because its page is closed, the request continues. Only the
 * abort signal cancels the request.
 */
export class ChunkStream {
  readonly stream: ReadableStream<UIChunk>;
  /** Resolves when the server has accepted or refused the request: whether the request exists. A refusal is a chunk of the stream. */
  readonly exists: Promise<boolean>;
  private controller!: ReadableStreamDefaultController<UIChunk>;
  private readonly following = new AbortController();
  private readonly handle: RequestHandle<unknown, never>;
  /** Slices of which this stream has delivered chunks, with the attempt. */
  private readonly delivered = new Map<string, number>();
  private held: (() => void)[] | undefined;
  private quiet: ReturnType<typeof setTimeout> | undefined;
  private settle: (exists: boolean) => void = () => undefined;
  private isOver = false;

  constructor(
    follow: Follow,
    private readonly options: ChunkStreamOptions,
  ) {
    this.stream = new ReadableStream<UIChunk>({
      start: (controller) => {
        this.controller = controller;
      },
      cancel: () => this.leave(),
    });
    if (options.isReplay) this.held = [];
    options.abortSignal?.addEventListener('abort', this.onAbort);
    this.exists = new Promise((resolve) => {
      this.settle = resolve;
    });
    this.handle = follow({ signal: this.following.signal, ...this.listeners() });
    this.handle.then(
      () => this.end(() => this.controller.close()),
      (error: StreamerError) => this.fail(error),
    );
    if (options.abortSignal?.aborted) this.onAbort();
  }

  private listeners() {
    return {
      onState: ({ epoch }: RequestSnapshot) => epoch !== undefined && this.settle(true),
      onProgress: (data: ProgressReport) =>
        this.deliver(() => this.enqueue({ type: 'data-progress', data, transient: true })),
      onEvent: ({ name, data }: EventReport) => {
        const batch = data as unknown as ChunkBatch;
        if (name === CHUNKS_EVENT) this.receive(batch);
        else this.deliver(() => this.enqueue({ type: `data-${name}`, data }));
      },
      // The log starts over, so its entries come again.
      onReset: () => this.delivered.size > 0 && this.restart(),
    };
  }

  private receive(batch: ChunkBatch): void {
    this.options.attempts.see(batch);
    this.deliver(() => this.write(batch));
  }

  /** Delivers something now or, during a replay, when the end of the log has been reached. */
  private deliver(action: () => void): void {
    if (this.held) {
      this.held.push(action);
      clearTimeout(this.quiet);
      this.quiet = setTimeout(() => this.release(), QUIET_MS);
    } else {
      action();
    }
  }

  private release(): void {
    clearTimeout(this.quiet);
    const held = this.held ?? [];
    this.held = undefined;
    for (const action of held) action();
  }

  private write(batch: ChunkBatch): void {
    if (!this.options.attempts.counts(batch)) return;
    const before = this.delivered.get(sliceOf(batch)) ?? batch.attempt;
    this.delivered.set(sliceOf(batch), batch.attempt);
    if (before < batch.attempt) this.restart();
    for (const chunk of batch.chunks) this.enqueue(chunk);
  }

  private enqueue(chunk: UIChunk): void {
    if (!this.isOver) this.controller.enqueue(chunk);
  }

  /** Ends the stream with an error, because chunks that were delivered no longer count. */
  private restart(): void {
    this.over(() => this.controller.error(new ChatRestartError()));
  }

  private fail(error: StreamerError): void {
    this.settle(error.code !== 'NOT_FOUND');
    if (this.isOver) return;
    if (OWN_CODES.has(error.code)) this.over(() => this.controller.error(new Error(error.message, { cause: error })));
    else this.end(() => this.finish(error));
  }

  private finish({ code, message }: StreamerError): void {
    this.enqueue(code === 'CANCELLED' ? { type: 'abort' } : { type: 'error', errorText: message });
    this.controller.close();
  }

  private end(finish: () => void): void {
    this.settle(true);
    this.options.onEnd();
    this.release();
    if (this.isOver) return;
    finish();
    this.leave();
  }

  /** Ends the stream, although the request may continue. */
  private over(finish: () => void): void {
    if (this.isOver) return;
    finish();
    this.leave();
  }

  private leave(): void {
    this.isOver = true;
    clearTimeout(this.quiet);
    this.options.abortSignal?.removeEventListener('abort', this.onAbort);
    this.following.abort();
  }

  /** Cancels the request. The client follows it until the server knows of the cancellation. */
  private readonly onAbort = (): void => {
    if (this.isOver) return;
    this.isOver = true;
    this.options.onEnd();
    this.controller.error(new DOMException('The answer was stopped.', 'AbortError'));
    this.handle
      .cancel('stopped by the user')
      .catch(() => undefined)
      .finally(() => this.leave());
  };
}
