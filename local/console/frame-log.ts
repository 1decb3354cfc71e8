import { clientTypes } from '../../protocol/constants.json';
import type { Clock } from '../emulator/types';
import type { ConnectionInfo, GatewayObserver } from '../emulator/websocket-api';
import { frameKind, type ProgressReport } from './frame-kind';
import { Ring } from './ring';
import { fromText } from './streamer-format';
import { Timings } from './timings';
import type { ConnectionView, FrameView, Json, TimingSample } from './types';

/**
 * Maximum number of recorded frames. Frames contain bodies, which only the developer of this machine may see, so they
 * are kept only in memory.
 */
const MAX_FRAMES = 2000;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_TEXT = 16 * 1024;
const MAX_CLOSED = 20;
/** Message types that are counted individually: those of the protocol. A client may send any string as a type. */
const KNOWN_TYPES: ReadonlySet<string> = new Set(clientTypes);
const OTHER = 'other';

interface Counts {
  framesIn: number;
  framesOut: number;
  bytesIn: number;
  bytesOut: number;
  readonly types: Record<string, number>;
}

const none = (): Counts => ({ framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0, types: Object.create(null) });

/**
 * Returns the owner of a connection's requests. The owner is a user, because a user may continue a request on another
 * connection.
 */
export function ownerOf({ connectionId, authorizer }: ConnectionInfo): string {
  const { user, tenant } = authorizer ?? {};
  return user === undefined ? connectionId : ownerKey(String(tenant), String(user));
}

export const ownerKey = (tenant: string, user: string): string => JSON.stringify([tenant, user]);

function inputIn(text: string): Json | undefined {
  const message = fromText(text);
  return typeof message === 'object' && message !== null && !Array.isArray(message) ? message.input : undefined;
}

interface KeptFrame {
  readonly owner: string;
  readonly view: FrameView;
}

export interface FrameListeners {
  onSample(sample: TimingSample): void;
  onProgress(owner: string, id: string, report: ProgressReport): void;
}

/**
 * Observes the frames of all gateways. It keeps the last frames, counts frames by connection, and measures requests by
 * their frames.
 */
export class FrameLog {
  private readonly frames = new Ring<KeptFrame>(MAX_FRAMES, MAX_BYTES, ({ view }) => view.text.length);
  private readonly counts = new Map<string, Counts>();
  private readonly closed: ConnectionView[] = [];
  private readonly timings: Timings;
  private nextSeq = 1;

  public constructor(
    private readonly clock: Clock,
    /** Removes tokens from a frame. */
    private readonly redact: (text: string) => string,
    private readonly listeners: FrameListeners,
  ) {
    this.timings = new Timings((sample) => listeners.onSample(sample));
  }

  /** Creates an observer for one gateway. */
  public observer(gateway: string): GatewayObserver {
    return {
      onFrame: (connection, direction, text) => this.add(connection, direction, text),
      onClosed: (connection, code) => this.onClosed(gateway, connection, code),
    };
  }

  public view(gateway: string, connection: ConnectionInfo): ConnectionView {
    const { connectionId, connectedAt, lastActiveAt, authorizer } = connection;
    const { user, tenant } = authorizer ?? {};
    return {
      connectionId,
      gateway,
      user: user === undefined ? undefined : String(user),
      tenant: tenant === undefined ? undefined : String(tenant),
      connectedAt,
      lastActiveAt,
      ...this.countsOf(connectionId),
    };
  }

  /** The most recently closed connections, the latest first. */
  public closedConnections(): readonly ConnectionView[] {
    return this.closed;
  }

  public samples(): readonly TimingSample[] {
    return this.timings.all();
  }

  public framesOf(connectionId: string): FrameView[] {
    return this.views(({ view }) => view.connectionId === connectionId);
  }

  /** Returns the frames of a user's request on all connections. */
  public framesOfRequest(tenant: string, user: string, id: string): FrameView[] {
    const owner = ownerKey(tenant, user);
    return this.views((frame) => frame.view.id === id && frame.owner === owner);
  }

  /** Returns the inputs of the last requests for an action, latest first. Truncated inputs are omitted. */
  public inputsOf(action: string): Json[] {
    return this.views(({ view }) => view.type === 'request' && view.action === action && view.direction === 'in')
      .reverse()
      .map(({ text }) => inputIn(text))
      .filter((input) => input !== undefined);
  }

  private add(connection: ConnectionInfo, direction: 'in' | 'out', text: string): void {
    const at = this.clock.now();
    const kind = frameKind(text);
    const owner = ownerOf(connection);
    const { connectionId } = connection;
    const { type, id, action, offset } = kind;
    this.count(connectionId, direction, text, type);
    this.timings.frame(owner, direction, kind, at);
    const shown = this.redact(text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text);
    const seq = this.nextSeq++;
    const view = { seq, at, connectionId, direction, bytes: text.length, type, id, action, offset, text: shown };
    this.frames.add({ owner, view });
    if (id !== undefined && kind.progress) this.listeners.onProgress(owner, id, kind.progress);
  }

  private views(fits: (frame: KeptFrame) => boolean): FrameView[] {
    return this.frames
      .all()
      .filter(fits)
      .map(({ view }) => view);
  }

  private count(connectionId: string, direction: 'in' | 'out', text: string, type: string | undefined): void {
    const counts = this.countsOf(connectionId);
    if (direction === 'out') {
      counts.framesOut++;
      counts.bytesOut += text.length;
      return;
    }
    counts.framesIn++;
    counts.bytesIn += text.length;
    const counted = type !== undefined && KNOWN_TYPES.has(type) ? type : OTHER;
    counts.types[counted] = (counts.types[counted] ?? 0) + 1;
  }

  private countsOf(connectionId: string): Counts {
    const counts = this.counts.get(connectionId) ?? none();
    this.counts.set(connectionId, counts);
    return counts;
  }

  private onClosed(gateway: string, connection: ConnectionInfo, code: number): void {
    const view = this.view(gateway, connection);
    this.closed.unshift({ ...view, closed: { at: this.clock.now(), code } });
    this.closed.length = Math.min(this.closed.length, MAX_CLOSED);
    this.counts.delete(connection.connectionId);
  }
}
