import type { Sender } from '../resend/pace';
import { ResendLoop, type ResendLoopOptions } from '../resend/resend-loop';
import { fromWire, type StreamerError } from '../wire/errors';
import type { PublishAckFrame, RefusalFrame } from '../wire/messages';
import { isPassing, UNANSWERED } from '../wire/protocol';

/** One message that is being published. It is sent again, under the same id, until the server has stored it. */
export class LivePublish implements Sender {
  readonly promise: Promise<void>;
  private resolve!: () => void;
  private reject!: (error: StreamerError) => void;
  private readonly loop: ResendLoop;

  constructor(
    readonly id: string,
    text: string,
    options: ResendLoopOptions,
    private readonly done: (publish: LivePublish) => void,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.loop = new ResendLoop(text, options, () => this.fail(fromWire(UNANSWERED)));
  }

  opened(): void {
    this.loop.opened();
  }

  lost(): void {
    this.loop.lost();
  }

  throttled(): boolean {
    return this.loop.throttled();
  }

  received(frame: PublishAckFrame | RefusalFrame): void {
    if (frame.type === 'ack') this.end(this.resolve);
    else if (isPassing(frame.error)) this.loop.later(frame);
    else this.fail(fromWire(frame.error));
  }

  /** Fails the call. The server may have received the message. */
  fail(error: StreamerError): void {
    this.end(() => this.reject(error));
  }

  /** Fails the call. Called if the frame sent last ended the connection, and if that frame was this message. */
  failIfUnanswered(error: StreamerError): void {
    this.fail(error);
  }

  private end(settle: () => void): void {
    this.loop.lost();
    this.done(this);
    settle();
  }
}
