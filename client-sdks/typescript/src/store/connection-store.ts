import type { StreamerClient } from '../client';
import type { ConnectionState } from '../connection/connection';
import type { StreamerError } from '../wire/errors';
import { Store, watched } from './store';

/** State of the client's connection, as a page shows it. */
export interface ConnectionView {
  readonly state: ConnectionState;
  /** Whether the platform reports that there is no network. */
  readonly isOffline: boolean;
  /** Time of the next attempt to connect, in epoch milliseconds. Present while the client waits for it. */
  readonly retryAt?: number;
  /** Reason why the last attempt failed, or why the client gave up. */
  readonly error?: StreamerError;
}

/** Shows the state of a client's connection. */
export class ConnectionStore extends Store<ConnectionView> {
  private stopListening: (() => void) | undefined;

  /** @param client returns the client; called when the store gets its first listener */
  constructor(private readonly client: () => Pick<StreamerClient, 'on' | 'state' | 'connect'>) {
    super({ state: 'disconnected', isOffline: false });
  }

  /** Connects at once, for example when the user presses a button. @throws StreamerError as `StreamerClient.connect` does */
  readonly connect = (): Promise<void> => watched(this.client().connect());

  protected activate(): void {
    const client = this.client();
    this.stopListening = client.on('state', (state, { retryInMs, offline = false, error }) =>
      this.change({
        state,
        isOffline: offline,
        retryAt: retryInMs === undefined ? undefined : Date.now() + retryInMs,
        error: state === 'connected' ? undefined : (error ?? this.latest.error),
      }),
    );
    this.change({ state: client.state });
  }

  protected failed(error: StreamerError): void {
    this.change({ error });
  }

  protected deactivate(): void {
    this.stopListening?.();
  }
}
