import type { Connection } from '../../../../lambda-src/flows/connect/connection';
import type { AckFrame, LogFrame } from '../../../../lambda-src/protocol';

/** The frames of one request that one client has received. It follows the client rules of the protocol, but has no timers. */
export class SimulatedViewer {
  public readonly delivered: LogFrame[] = [];
  private readonly buffer = new Map<number, LogFrame>();

  public constructor(
    public connection: Connection,
    public readonly id: string,
  ) {}

  public get expected(): number {
    return this.delivered.length;
  }

  /** Handles a log frame that was sent, or that an ack contains. */
  public take(frame: LogFrame): void {
    if (frame.offset < this.expected) return;
    this.buffer.set(frame.offset, frame);
    for (let next = this.buffer.get(this.expected); next; next = this.buffer.get(this.expected)) {
      this.buffer.delete(next.offset);
      this.delivered.push(next);
    }
  }

  /** Handles an ack. @returns whether there are more entries to read */
  public takeAck({ entries = [], more = false }: AckFrame): boolean {
    for (const entry of entries) this.take(entry);
    return more;
  }
}
