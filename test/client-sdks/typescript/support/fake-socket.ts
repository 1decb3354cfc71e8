import type { WebSocketLike } from '../../../../client-sdks/typescript/src/connection/socket';
import { CLOSE, SUBPROTOCOL } from '../../../../client-sdks/typescript/src/wire/protocol';

/** Actions of a client on its sockets, in order. */
export type SocketRecord =
  | { readonly kind: 'connect'; readonly protocols: string[] }
  | { readonly kind: 'frame'; readonly frame: unknown; readonly socket: FakeSocket }
  | { readonly kind: 'close'; readonly code: number | undefined };

/**
 * A WebSocket whose other side is the test. With it, closes, refusals and frames happen exactly when a test requests them. It throws if it is used
 * after its end.
 */
export class FakeSocket implements WebSocketLike {
  protocol = '';
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  private isOver = false;

  constructor(
    readonly url: string,
    readonly protocols: string[],
    private readonly records: SocketRecord[],
  ) {
    records.push({ kind: 'connect', protocols });
  }

  send(text: string): void {
    if (this.isOver) throw new Error('sent on a socket that is over');
    this.records.push({ kind: 'frame', frame: JSON.parse(text), socket: this });
  }

  close(code?: number): void {
    if (this.isOver) return;
    this.isOver = true;
    this.records.push({ kind: 'close', code });
  }

  // the server's side

  accept(protocol = SUBPROTOCOL): void {
    this.protocol = protocol;
    this.onopen?.({} as never);
  }

  /** Refuses the handshake. Without a status, it behaves as in a browser; with a status, as in the package `ws`. */
  reject(status?: number): void {
    const message = status === undefined ? '' : `Unexpected server response: ${status}`;
    this.onerror?.({ message } as never);
    this.end(CLOSE.abnormal);
  }

  message(data: unknown): void {
    this.onmessage?.({ data } as never);
  }

  frame(frame: object): void {
    this.message(JSON.stringify(frame));
  }

  end(code: number): void {
    this.isOver = true;
    this.onclose?.({ code } as never);
  }
}

/** A WebSocket class for a client under test. It records what the client does with its sockets. */
export class FakeNetwork {
  readonly records: SocketRecord[] = [];
  readonly sockets: FakeSocket[] = [];
  readonly webSocket: new (
    url: string,
    protocols: string[],
  ) => FakeSocket;

  constructor() {
    const { records, sockets } = this;
    this.webSocket = class extends FakeSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols, records);
        sockets.push(this);
      }
    };
  }

  get newest(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('the client opened no connection');
    return socket;
  }

  /** Returns the frames that were sent since the last call, without other records. */
  takeFrames(): unknown[] {
    return this.records.splice(0).flatMap((record) => (record.kind === 'frame' ? [record.frame] : []));
  }
}
