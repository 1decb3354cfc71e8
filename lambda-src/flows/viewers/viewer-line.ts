import { backoff, type Key, type Origin } from '../../core';
import type { Deps, PostResult } from '../ports';
import { forget } from './post';

/** A frame to send to viewers. */
export interface Outgoing {
  readonly text: string;
  /** An `entry` is a log entry; a viewer that misses one attaches again. Only the latest `progress` frame matters. */
  readonly kind: 'entry' | 'progress';
}

/** Maximum characters of the frames in a queue. A single larger frame is also accepted. */
const MAX_QUEUED_CHARS = 512 * 1024;

/**
 * Queue of frames, with a limit of memory.
 *
 * The queue may drop entries for a slow viewer: the log contains them, and the offset of the next entry makes the viewer attach again.
 */
export class FrameQueue {
  private frames: Outgoing[] = [];
  private chars = 0;

  public get isEmpty(): boolean {
    return this.frames.length === 0;
  }

  /** Adds a frame. A progress frame replaces a waiting progress frame. */
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

  /** Puts a frame back at the front of the queue. */
  public putBack(frame: Outgoing): void {
    this.set([frame, ...this.frames]);
  }

  /** Drops all frames except the last entry and the last progress. */
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

export interface LineOptions {
  readonly deps: Pick<Deps, 'gateway' | 'store' | 'platform' | 'log' | 'retentionSeconds'>;
  readonly viewer: Origin;
  /** Whether a frame is dropped, instead of kept, if the viewer is busy. */
  readonly once: boolean;
  readonly subscription: Key;
  /** Whether the subscription stays after the viewer has left. */
  readonly stays: boolean;
  /** Called when the connection no longer exists. */
  readonly onGone: () => void;
}

/** Limits of the time for which a busy viewer is skipped, before the latest frame is sent again. */
const SKIP = { baseMs: 100, maxMs: 10_000 };
/** Number of consecutive busy responses after which the function no longer waits for the viewer. */
const PATIENCE = 2;

/**
 * Sends frames to one viewer, one at a time and in order. Callers do not wait for the frames.
 *
 * A busy viewer is skipped for a time that grows with each busy response. The queue keeps only the latest of the frames that arrive
 * in the meantime. Its offset shows the viewer that frames are missing, and the viewer attaches again.
 */
export class ViewerLine {
  private readonly queue = new FrameQueue();
  private waiting: (() => void)[] = [];
  private wakeUp = new AbortController();
  private working = false;
  private readonly over = new AbortController();
  private failures = 0;

  public constructor(private readonly options: LineOptions) {}

  public get viewer(): Origin {
    return this.options.viewer;
  }

  public send(frame: Outgoing): void {
    if (this.ended) return;
    this.queue.push(frame);
    if (this.failures > 0) this.queue.collapse();
    if (!this.working) void this.work();
  }

  /** Ends the pause of a busy viewer, because the viewer may have read its frames by now. */
  public hurry(): void {
    if (this.failures === 0) return;
    this.failures = 0;
    this.wake();
  }

  /** Resolves when all frames were sent, or when the viewer was busy too often. */
  public async settled(): Promise<void> {
    if (!this.working || this.failures >= PATIENCE) return;
    await new Promise<void>((resolve) => {
      this.waiting.push(resolve);
    });
  }

  /** Stops sending frames. */
  public end(): void {
    this.over.abort();
    this.queue.takeAll();
    this.wake();
    this.release();
  }

  private get ended(): boolean {
    return this.over.signal.aborted;
  }

  private async work(): Promise<void> {
    this.working = true;
    for (let frame = this.queue.take(); frame; frame = this.queue.take()) await this.post(frame);
    this.working = false;
    this.release();
  }

  private async post(frame: Outgoing): Promise<void> {
    const { deps, viewer, subscription, stays, once } = this.options;
    const result = await this.result(frame);
    if (result === 'gone') {
      this.end();
      this.options.onGone();
      return forget(deps, viewer, subscription, stays);
    }
    if (result !== 'busy' || this.ended) {
      this.failures = 0;
      return;
    }
    if (once) return this.end();
    this.failures += 1;
    if (this.failures >= PATIENCE) this.release();
    this.queue.putBack(frame);
    this.queue.collapse();
    await deps.platform.sleep(backoff(SKIP, this.failures, (1 + deps.platform.random()) / 2), this.wakeUp.signal);
  }

  private async result({ text }: Outgoing): Promise<PostResult> {
    const { deps, viewer } = this.options;
    try {
      return await deps.gateway.post(viewer.connectionId, text, this.over.signal);
    } catch (error) {
      deps.log.warn('could not post', { connectionId: viewer.connectionId, error });
      return 'busy';
    }
  }

  private wake(): void {
    this.wakeUp.abort();
    this.wakeUp = new AbortController();
  }

  private release(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
