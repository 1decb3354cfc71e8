import type { Duration } from 'aws-cdk-lib';
import { cancelAfterMs } from '../handlers/on-disconnect';

/**
 * Reaction of a request of an async action to the end of all its viewers' connections.
 *
 * The viewers of a request are the connection that sent it and those that attached to it.
 */
export class OnDisconnect {
  /** The request continues, and its result can be read later. */
  public static keepRunning(): OnDisconnect {
    return new OnDisconnect();
  }

  /**
   * The request is cancelled if no viewer comes back within the time.
   *
   * @param delay time from the end of the last viewer's connection, 0 seconds to 1 hour. A page that reconnects needs some seconds: 1 minute suits most
   * applications
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
