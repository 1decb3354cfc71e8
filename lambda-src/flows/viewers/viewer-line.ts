import { backoff, type Origin } from '../../core';
import type { Deps, PostResult } from '../ports';
import { FrameQueue, type Outgoing } from './frame-queue';

export interface LineOptions {
  readonly deps: Pick<Deps, 'gateway' | 'world' | 'log'>;
  readonly viewer: Origin;
  /** Whether a frame is dropped if the viewer is busy. */
  readonly once: boolean;
  /** Called when the connection no longer exists. */
  readonly onGone: (viewer: Origin) => Promise<void>;
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
  private ended = false;
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
    this.ended = true;
    this.queue.takeAll();
    this.wake();
    this.release();
  }

  private async work(): Promise<void> {
    this.working = true;
    for (let frame = this.queue.take(); frame; frame = this.queue.take()) await this.post(frame);
    this.working = false;
    this.release();
  }

  private async post(frame: Outgoing): Promise<void> {
    const { deps, viewer, once } = this.options;
    const result = await this.result(frame);
    if (result === 'gone') {
      this.end();
      return this.options.onGone(viewer);
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
      return await deps.gateway.post(viewer.connectionId, text);
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
