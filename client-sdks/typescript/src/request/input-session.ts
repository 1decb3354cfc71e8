import { type CallOptions, LiveCalls } from '../resend/live-call';
import type { StreamerError } from '../wire/errors';
import type { RefusalFrame } from '../wire/messages';

/** A message to a request that the server has not acknowledged yet. */
interface Queued {
  readonly id: string;
  readonly text: string;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * The messages of a client to running requests. The messages to one request are sent one after the other, because the server handles the messages of
 * a connection concurrently.
 */
export class InputSession {
  private readonly calls: LiveCalls<void>;
  private readonly queues = new Map<string, Queued[]>();

  /** Functions that continue the messages to a request which was not acknowledged yet, by the id of the request. */
  private readonly held = new Map<string, () => void>();

  /**
   * @param isHeld whether a request of this client is not acknowledged yet. Its messages then wait for the acknowledgment, because messages may
   * overtake each other
   */
  constructor(
    options: CallOptions,
    private readonly isHeld: (request: string) => boolean,
  ) {
    this.calls = new LiveCalls(options);
  }

  /** Sends the messages that have waited for the acknowledgment, or the end, of the request. */
  release(request: string): void {
    this.held.get(request)?.();
    this.held.delete(request);
  }

  /** Sends a message until it is acknowledged, after all earlier messages to the request. */
  send(request: string, id: string, text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = this.queues.get(request) ?? [];
      this.queues.set(request, queue);
      queue.push({ id, text, resolve, reject });
      if (queue.length === 1) void this.sendFirst(request, queue);
    });
  }

  opened(): void {
    this.calls.opened();
  }

  lost(): void {
    this.calls.lost();
  }

  acknowledged(id: string): void {
    this.calls.answered(id);
  }

  /** @returns whether the refusal names one of these messages */
  refused(frame: RefusalFrame): boolean {
    return this.calls.refused(frame);
  }

  failAll(error: StreamerError): void {
    for (const [request, queue] of this.queues) {
      const isSent = !this.held.has(request);
      for (const { reject } of queue.splice(isSent ? 1 : 0)) reject(error);
      this.release(request);
    }
    this.calls.failAll(error);
  }

  /** Sends the messages of a queue in order. If a message fails, the next one is still sent. */
  private async sendFirst(request: string, queue: Queued[]): Promise<void> {
    if (this.isHeld(request)) await new Promise<void>((resolve) => this.held.set(request, resolve));
    for (let first = queue[0]; first; first = queue[0]) {
      try {
        await this.calls.call(first.id, first.text);
        first.resolve();
      } catch (error) {
        first.reject(error);
      }
      queue.shift();
    }
    this.queues.delete(request);
  }
}
