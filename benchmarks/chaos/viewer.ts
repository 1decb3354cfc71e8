import type { RequestSnapshot } from '../../client-sdks/typescript/src';

/** An event as an application receives it. */
export interface Delivered {
  readonly offset: number;
  readonly name: string;
  readonly data: unknown;
}

/** Events and outcome of a request that one application receives from the real client. */
export class Viewer {
  public readonly events: Delivered[] = [];
  /** Number of outcomes that the application received. */
  public settled = 0;
  /** The outcome: the result, or the error with its code. */
  public outcome: unknown;
  public isAcknowledged = false;
  /** Number of times at which the client began a new log. */
  public resets = 0;
  public onAck: () => void = () => undefined;

  public constructor(
    public readonly user: string,
    public readonly id: string,
  ) {}

  /** Listeners for the client's options. */
  public readonly listeners = {
    onEvent: ({ offset, name, data }: Delivered) => void this.events.push({ offset, name, data }),
    // A frame of the request acknowledges it, too: the frame may overtake the acknowledgment, which may also be lost.
    onState: ({ run }: RequestSnapshot) => {
      if (this.isAcknowledged || run === 0) return;
      this.isAcknowledged = true;
      this.onAck();
    },
    onReset: () => {
      this.resets += 1;
    },
  };

  public settleBy(promise: Promise<unknown>): void {
    promise.then(
      (result) => this.settle({ result }),
      (error: { code: string }) => this.settle({ error: error.code }),
    );
  }

  private settle(outcome: unknown): void {
    this.settled += 1;
    this.outcome = outcome;
  }
}
