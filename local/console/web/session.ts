import { subprotocol } from '../../../protocol/constants.json';
import { encodeBearer } from './logic/bearer';

export interface SessionFrame {
  readonly seq: number;
  readonly at: number;
  readonly direction: 'in' | 'out' | 'note';
  readonly text: string;
}

export type SessionPhase = 'closed' | 'opening' | 'open';

export interface SessionState {
  readonly phase: SessionPhase;
  /** Owner of the connection, for display. */
  readonly who: string;
  /** Reason why the connection could not be opened. */
  readonly problem?: string;
  readonly frames: readonly SessionFrame[];
}

const MAX_FRAMES = 500;
const MAX_SHOWN = 64 * 1024;

/**
 * A WebSocket connection of the developer and all its frames. The connection stays open when the user opens another
 * view.
 */
export class Session {
  private state: SessionState = { phase: 'closed', who: '', frames: [] };
  private socket: WebSocket | undefined;
  private readonly listeners = new Set<() => void>();
  private nextSeq = 1;

  public readonly get = (): SessionState => this.state;

  public readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /**
   * Opens a connection and closes the current one.
   *
   * @returns whether the connection was opened
   */
  public open(url: string, token: string | undefined, who: string): Promise<boolean> {
    this.close();
    const protocols = [subprotocol, ...(token === undefined ? [] : [encodeBearer(token)])];
    const socket = new WebSocket(url, protocols);
    this.socket = socket;
    this.set({ phase: 'opening', who, problem: undefined });
    socket.onmessage = ({ data }) => this.isCurrent(socket) && this.add('in', String(data));
    return new Promise((resolve) => {
      socket.onopen = () => {
        if (this.isCurrent(socket)) this.opened(who);
        resolve(this.isCurrent(socket));
      };
      socket.onclose = ({ code, reason }) => {
        if (this.isCurrent(socket)) this.closed(code, reason);
        resolve(false);
      };
    });
  }

  public send(text: string): void {
    this.socket?.send(text);
    this.add('out', text);
  }

  public close(): void {
    const { socket } = this;
    if (!socket) return;
    this.socket = undefined;
    socket.close(1000);
    this.add('note', 'Disconnected');
    this.set({ phase: 'closed' });
  }

  public clear(): void {
    this.set({ frames: [] });
  }

  /** Shows the reason why no connection was attempted. */
  public fail(problem: string): void {
    this.set({ phase: 'closed', problem });
  }

  private opened(who: string): void {
    this.set({ phase: 'open' });
    this.add('note', `Connected as ${who}`);
  }

  private closed(code: number, reason: string): void {
    const wasOpen = this.state.phase === 'open';
    this.socket = undefined;
    // browsers do not report the status of a refused handshake
    const problem = wasOpen
      ? undefined
      : 'The handshake was refused. The line of the gateway in the logs contains the reason.';
    this.add('note', wasOpen ? `Closed by the server: ${code}${reason === '' ? '' : ` ${reason}`}` : 'Not connected');
    this.set({ phase: 'closed', problem });
  }

  private isCurrent(socket: WebSocket): boolean {
    return this.socket === socket;
  }

  private add(direction: SessionFrame['direction'], text: string): void {
    const frame = { seq: this.nextSeq++, at: Date.now(), direction, text: text.slice(0, MAX_SHOWN) };
    this.set({ frames: [...this.state.frames, frame].slice(-MAX_FRAMES) });
  }

  private set(change: Partial<SessionState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
