import type { ServerResponse } from 'node:http';
import type { Clock, Timer } from '../emulator/types';
import type { Delta, Snapshot } from './types';

const TICK_MS = 200;
/**
 * Maximum number of unsent bytes for one page. A page that does not read them is disconnected. The page reconnects
 * automatically.
 */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;

export interface LiveSource {
  /** Returns the complete state at the time of the last `delta`. */
  snapshot(): Snapshot;
  /** Returns the changes since the last call, or undefined if there are none. */
  delta(): Delta | undefined;
  /** Updates the values that are not reported as events. */
  refresh(): Promise<void>;
}

/** Sends changes to the open pages by server-sent events. If no page is open, it reads nothing. */
export class Live {
  private readonly clients = new Set<ServerResponse>();
  private timer: Timer;
  private closed = false;

  public constructor(
    private readonly source: LiveSource,
    private readonly clock: Clock,
  ) {}

  public join(res: ServerResponse): void {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    // connected pages receive all changes first, so that they and the new page continue from the same state
    this.broadcast();
    send(res, 'snapshot', this.source.snapshot());
    this.clients.add(res);
    res.on('close', () => this.leave(res));
    this.timer ??= this.clock.setTimeout(() => void this.tick(), TICK_MS);
  }

  public close(): void {
    this.closed = true;
    this.clock.clearTimeout(this.timer);
    for (const client of this.clients) client.end();
    this.clients.clear();
  }

  private leave(res: ServerResponse): void {
    this.clients.delete(res);
    if (this.clients.size > 0) return;
    this.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async tick(): Promise<void> {
    await this.source.refresh();
    this.broadcast();
    if (this.closed || this.clients.size === 0) this.timer = undefined;
    else this.timer = this.clock.setTimeout(() => void this.tick(), TICK_MS);
  }

  private broadcast(): void {
    const delta = this.source.delta();
    if (!delta) return;
    for (const client of this.clients) {
      if (client.writableLength > MAX_UNSENT_BYTES) client.destroy();
      else send(client, 'delta', delta);
    }
  }
}

function send(res: ServerResponse, event: string, data: unknown): void {
  res.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
