import { backoff, type Key, type Origin } from '../../core';
import type { Deps, PostResult } from '../ports';
import { FrameQueue, type Outgoing } from './frame-queue';
import { forget } from './post';

export interface LineOptions {
  readonly deps: Pick<Deps, 'gateway' | 'store' | 'world' | 'log'>;
  readonly viewer: Origin;
  /** Whether a frame is dropped if the viewer is busy. */
  readonly once: boolean;
  readonly subscription: Key;
  /** Called when the connection no longer exists. */
  readonly onGone: () => void;
}

/** Time for which a busy viewer is skipped before the latest frame is sent. */
const SKIP = { baseMs: 100, maxMs: 10_000 };
/** Number of consecutive busy responses after which the function no longer waits for a viewer. */
const PATIENCE = 2;

/**
 * Sends frames to one viewer, one at a time and in order. Callers do not wait for them.
 *
 * A busy viewer is skipped for a time that grows with each busy response. Of the frames that arrive meanwhile only the latest is kept: its offset shows the
 * viewer that it has missed frames, and it attaches.
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

  /** Sends to a viewer that was busy at once, because it may have read its frames. */
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

  /** Sends nothing more. */
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
    const { deps, viewer, subscription, once } = this.options;
    const result = await this.result(frame);
    if (result === 'gone') {
      this.end();
      this.options.onGone();
      return forget(deps, viewer, subscription);
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
    await deps.world.sleep(backoff(SKIP, this.failures, (1 + deps.world.random()) / 2), this.wakeUp.signal);
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
