import { EVENTS } from '../../../src/contract';
import { absent, lte, or, paceKey, TokenBucket, type Update } from '../../core';
import type { Deps } from '../ports';

export interface PaceOptions {
  /** Maximum frames per second of all topics and all invocations together. It is at least 200, so that the shared part is more than a page of subscribers. */
  readonly framesPerSecond: number;
  /** Maximum number of processes that send at the same time. */
  readonly processes: number;
}

type PaceDeps = Pick<Deps, 'platform' | 'log'> & { readonly store: Pick<Deps['store'], 'write'> };

/** Part of the rate that the processes share. The rest is divided among the processes in advance. */
const SHARED = 0.8;
/** Subscribers of a page. It is the minimum capacity of a process's own bucket, and the minimum that a process takes from the shared part. */
const PAGE_FRAMES = 100;
/** Maximum number of grants per second from the shared part. It limits the writes to one item. */
const GRANTS_PER_SECOND = 50;
/** Time to live of an item that counts the frames of one second. */
const TTL_SECONDS = 60;
/** The first retries in a new second are spread over this time. */
const SPREAD_MS = 100;

/**
 * Limits the rate at which topics send frames, so that requests keep a part of the account's capacity for posts.
 *
 * Each process has a bucket of its own, which costs nothing, so small topics are never delayed by a write. A process that needs more takes frames from
 * the shared part. An item of the events table counts the frames that were taken in a second.
 */
export class Pace {
  private readonly own: TokenBucket;
  private readonly shared: number;
  /** Frames that this process has taken from the shared part, and the second in which it may send them. */
  private granted = { second: 0, frames: 0 };

  public constructor(
    private readonly deps: PaceDeps,
    { framesPerSecond, processes }: PaceOptions,
  ) {
    this.shared = Math.floor(framesPerSecond * SHARED);
    const perSecond = (framesPerSecond - this.shared) / processes;
    this.own = new TokenBucket(perSecond, Math.max(perSecond, PAGE_FRAMES), deps.platform.now());
  }

  /**
   * Waits until the given number of frames may be sent.
   *
   * @param frames at most 100
   * @param deadline epoch milliseconds after which the caller cannot send them any more
   * @returns whether they may be sent; if not, the deadline comes first
   */
  public async take(frames: number, deadline: number): Promise<boolean> {
    const { platform } = this.deps;
    for (;;) {
      const now = platform.now();
      if (now >= deadline) return false;
      if (this.own.take(frames, now) || (await this.takeShared(frames, now))) return true;
      const nextSecond = 1_000 - (now % 1_000) + platform.random() * SPREAD_MS;
      const waitMs = Math.min(this.own.waitMs(frames, now), nextSecond);
      if (now + waitMs >= deadline) return false;
      await platform.sleep(waitMs);
    }
  }

  private async takeShared(frames: number, now: number): Promise<boolean> {
    const second = Math.floor(now / 1000);
    if (this.granted.second === second && this.granted.frames >= frames) {
      this.granted.frames -= frames;
      return true;
    }
    const wanted = Math.max(frames, PAGE_FRAMES, Math.ceil(this.shared / GRANTS_PER_SECOND));
    if (!(await this.isGranted(second, wanted))) return false;
    const left = this.granted.second === second ? this.granted.frames : 0;
    this.granted = { second, frames: left + wanted - frames };
    return true;
  }

  /** A failure counts as a refusal: the process then sends at its own rate. */
  private async isGranted(second: number, frames: number): Promise<boolean> {
    try {
      return (await this.deps.store.write(count(second, frames, this.shared - frames))).applied;
    } catch (error) {
      this.deps.log.warn('no frames could be taken from the shared rate', { error });
      return false;
    }
  }
}

/** Creates the write that counts frames in a second, if at most `most` have been counted so far. */
function count(second: number, frames: number, most: number): Update {
  return {
    kind: 'update',
    table: 'events',
    key: { [EVENTS.partitionKey]: paceKey(), [EVENTS.sortKey]: second },
    set: { expiresAt: second + TTL_SECONDS },
    add: { frames },
    when: or(absent('frames'), lte('frames', most)),
  };
}
