import type { Duration } from 'aws-cdk-lib';
import { cancelAfterMs } from '../handlers/on-disconnect';

/**
 * Determines whether an async action's request continues after the connections of all its viewers have ended.
 *
 * The viewers of a request are the connection that sent it and those that attached to it.
 */
export class OnDisconnect {
  /** The request continues, and clients can read its result later. */
  public static keepRunning(): OnDisconnect {
    return new OnDisconnect();
  }

  /**
   * The request is cancelled if no viewer attaches within the delay.
   *
   * @param delay time from the end of the last viewer's connection, 0 seconds to 1 hour. A page needs some seconds to reconnect, so 1 minute
   * suits most applications
   */
  public static cancelAfter(delay: Duration): OnDisconnect {
    return new OnDisconnect(cancelAfterMs(delay));
  }

  /** @internal */
  public readonly _cancelAfterMs?: number;

  private constructor(cancelAfterMs?: number) {
    this._cancelAfterMs = cancelAfterMs;
  }
}
