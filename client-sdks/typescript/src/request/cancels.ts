import { type CallOptions, LiveCall } from '../resend/live-call';
import type { StreamerError } from '../wire/errors';
import type { CancelAckFrame, RefusalFrame } from '../wire/messages';

/** The unanswered cancellations of a client, by the ids of their requests, across its connections. */
export class Cancels {
  private readonly calls = new Map<string, LiveCall<CancelAckFrame>>();
  /** Ids of cancellations that wait for the acknowledgment of their request, because messages may overtake each other. */
  private readonly held = new Set<string>();
  private isOpen = false;

  /** @param isUnacknowledged whether this client has sent the request, and the server has not acknowledged it */
  constructor(
    private readonly options: CallOptions,
    private readonly isUnacknowledged: (id: string) => boolean,
  ) {}

  /** Cancels a request of this client or of another client. If a cancellation of the request is unanswered, its promise is returned. */
  cancel(id: string, text: string): Promise<CancelAckFrame> {
    return (this.calls.get(id) ?? this.add(id, text)).promise;
  }

  /** Sends a cancellation that has waited for the acknowledgment of its request. */
  release(id: string): void {
    if (this.held.delete(id) && this.isOpen) this.calls.get(id)?.opened();
  }

  opened(): void {
    this.isOpen = true;
    for (const [id, call] of [...this.calls]) if (!this.held.has(id)) call.opened();
  }

  lost(): void {
    this.isOpen = false;
    for (const call of this.calls.values()) call.lost();
  }

  received(frame: CancelAckFrame | RefusalFrame): void {
    const call = this.calls.get(frame.id ?? '');
    if (frame.type === 'ack') call?.answered(frame);
    else call?.refused(frame);
  }

  failAll(error: StreamerError): void {
    for (const call of [...this.calls.values()]) call.fail(error);
  }

  private add(id: string, text: string): LiveCall<CancelAckFrame> {
    const around = { ...this.options, send: (again: string) => this.options.send(again, call) };
    const call: LiveCall<CancelAckFrame> = new LiveCall(text, around, () => {
      this.calls.delete(id);
      this.held.delete(id);
      this.options.done(call);
    });
    this.calls.set(id, call);
    if (this.isUnacknowledged(id)) this.held.add(id);
    else if (this.isOpen) call.opened();
    return call;
  }
}
