/** A frame that is to be sent to viewers. */
export interface Outgoing {
  readonly text: string;
  /** `entry` is a log entry: a viewer that misses it attaches. Of `progress` frames only the latest matters. */
  readonly kind: 'entry' | 'progress';
}

/** Maximum number of characters in a queue, unless a single frame has more. */
const MAX_QUEUED_CHARS = 512 * 1024;

/**
 * Frames in order, in bounded memory.
 *
 * Entries need not be kept for a slow viewer: the log has them, and the next entry's offset makes the viewer attach.
 */
export class FrameQueue {
  private frames: Outgoing[] = [];
  private chars = 0;

  public get isEmpty(): boolean {
    return this.frames.length === 0;
  }

  /** Adds a frame. A progress frame replaces one that is waiting. */
  public push(frame: Outgoing): void {
    if (frame.kind === 'progress') this.set(this.frames.filter(({ kind }) => kind !== 'progress'));
    this.frames.push(frame);
    this.chars += frame.text.length;
    if (this.chars > MAX_QUEUED_CHARS) this.collapse();
  }

  public take(): Outgoing | undefined {
    const frame = this.frames.shift();
    this.chars -= frame?.text.length ?? 0;
    return frame;
  }

  public takeAll(): readonly Outgoing[] {
    const { frames } = this;
    this.set([]);
    return frames;
  }

  /** Returns a frame to the queue. */
  public putBack(frame: Outgoing): void {
    this.set([frame, ...this.frames]);
  }

  /** Leaves only the last entry and the last progress. */
  public collapse(): void {
    const last = (kind: Outgoing['kind']) => this.frames.findLast((frame) => frame.kind === kind);
    const kept = [last('entry'), last('progress')];
    this.set(this.frames.filter((frame) => kept.includes(frame)));
  }

  private set(frames: Outgoing[]): void {
    this.frames = frames;
    this.chars = frames.reduce((total, { text }) => total + text.length, 0);
  }
}
