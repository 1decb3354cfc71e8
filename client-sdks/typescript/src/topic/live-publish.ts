import type { Sender } from '../resend/pace';
import { Repeated, type RepeatedOptions } from '../resend/resend-loop';
import { fromWire, type StreamerError } from '../wire/errors';
import type { PublishAckFrame, RefusalFrame } from '../wire/messages';
import { isPassing, UNANSWERED } from '../wire/protocol';

/** One message on its way to a topic: it is sent again, under the same id, until the server has it. */
export class LivePublish implements Sender {
  readonly promise: Promise<void>;
  private resolve!: () => void;
  private reject!: (error: StreamerError) => void;
  private readonly repeated: Repeated;

  constructor(
    readonly id: string,
    text: string,
    options: RepeatedOptions,
    private readonly done: (publish: LivePublish) => void,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.repeated = new Repeated(text, options, () => this.fail(fromWire(UNANSWERED)));
  }

  opened(): void {
    this.repeated.opened();
  }

  lost(): void {
    this.repeated.lost();
  }

  throttled(): boolean {
    return this.repeated.throttled();
  }

  received(frame: PublishAckFrame | RefusalFrame): void {
    if (frame.type === 'ack') this.end(this.resolve);
    else if (isPassing(frame.error)) this.repeated.later(frame);
    else this.fail(fromWire(frame.error));
  }

  /** Ends the waiting; the message may have arrived. */
  fail(error: StreamerError): void {
    this.end(() => this.reject(error));
  }

  /** The connection ended because of the frame sent last, and that was this one. */
  failIfUnanswered(error: StreamerError): void {
    this.fail(error);
  }

  private end(settle: () => void): void {
    this.repeated.lost();
    this.done(this);
    settle();
  }
}
