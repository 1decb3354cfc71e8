import { fromWire, StreamerError } from '../wire/errors';
import type { RefusalFrame } from '../wire/messages';
import { isPassing, UNANSWERED } from '../wire/protocol';
import type { Sender } from './pace';
import { ResendLoop, type ResendLoopOptions } from './resend-loop';

/** A message that is sent again, unchanged, until the server has answered it. */
export class LiveCall<Answer> implements Sender {
  readonly promise: Promise<Answer>;
  private resolve!: (answer: Answer) => void;
  private reject!: (error: StreamerError) => void;
  private readonly loop: ResendLoop;

  constructor(
    text: string,
    options: ResendLoopOptions,
    private readonly done: () => void,
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

  answered(answer: Answer): void {
    this.end(() => this.resolve(answer));
  }

  refused(frame: RefusalFrame): void {
    if (isPassing(frame.error)) this.loop.later(frame);
    else this.fail(fromWire(frame.error));
  }

  /** Fails the call; the message may have arrived. */
  fail(error: StreamerError): void {
    this.end(() => this.reject(error));
  }

  /** Fails the call. Called if its message was the last frame that was sent, and this frame ended the connection. */
  failIfUnanswered(error: StreamerError): void {
    this.fail(error);
  }

  private end(settle: () => void): void {
    this.loop.lost();
    this.done();
    settle();
  }
}

export interface CallOptions extends Omit<ResendLoopOptions, 'send'> {
  /** Sends a string over the connection, if there is one. `sender` is the message that the string belongs to. */
  send(text: string, sender: Sender): void;
  /** A message is complete. */
  done(sender: Sender): void;
}

/** The unanswered messages of one type, by their ids, across the connections of a client. */
export class LiveCalls<Answer> {
  private readonly calls = new Map<string, LiveCall<Answer>>();
  private isOpen = false;

  constructor(private readonly options: CallOptions) {}

  /**
   * Sends a message until it is answered.
   *
   * @throws StreamerError `DUPLICATE_REQUEST` if a message with that id waits for its answer
   */
  call(id: string, text: string): Promise<Answer> {
    if (this.calls.has(id)) {
      throw new StreamerError(
        'DUPLICATE_REQUEST',
        'This client already waits for the answer to a message with that id.',
      );
    }
    const around = { ...this.options, send: (again: string) => this.options.send(again, call) };
    const call: LiveCall<Answer> = new LiveCall(text, around, () => {
      this.calls.delete(id);
      this.options.done(call);
    });
    this.calls.set(id, call);
    if (this.isOpen) call.opened();
    return call.promise;
  }

  opened(): void {
    this.isOpen = true;
    for (const call of [...this.calls.values()]) call.opened();
  }

  lost(): void {
    this.isOpen = false;
    for (const call of this.calls.values()) call.lost();
  }

  answered(id: string, answer: Answer): void {
    this.calls.get(id)?.answered(answer);
  }

  /** @returns whether the refusal names one of these messages */
  refused(frame: RefusalFrame): boolean {
    const call = this.calls.get(frame.id ?? '');
    call?.refused(frame);
    return call !== undefined;
  }

  /** Fails the waiting messages. They are not sent any more. */
  failAll(error: StreamerError): void {
    for (const call of [...this.calls.values()]) call.fail(error);
  }
}
