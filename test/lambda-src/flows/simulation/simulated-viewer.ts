import type { Connection } from '../../../../lambda-src/flows/connect/connection';
import type { AckFrame, LogFrame } from '../../../../lambda-src/protocol';

/** The frames of one request that one client has received: the client rule of the protocol, without its timers. */
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

  /** Takes a log frame that was sent, or that an ack holds. */
  public take(frame: LogFrame): void {
    if (frame.offset < this.expected) return;
    this.buffer.set(frame.offset, frame);
    for (let next = this.buffer.get(this.expected); next; next = this.buffer.get(this.expected)) {
      this.buffer.delete(next.offset);
      this.delivered.push(next);
    }
  }

  /** @returns whether there is more to read */
  public takeAck({ entries = [], more = false }: AckFrame): boolean {
    for (const entry of entries) this.take(entry);
    return more;
  }
}
