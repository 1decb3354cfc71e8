import { type Coalescer, coalescer } from '../../core/coalescer';
import type { Progress } from '../../core/log';
import type { ProgressFrame } from '../../protocol';
import type { World } from '../ports';
import type { Viewers } from '../viewers/viewers';
import type { AttemptLog } from './log';

/** With no head write for this long the head is read, so that viewers that came and a cancellation are seen. */
const HEAD_READ_MS = 3_000;

/** What is to be done now, or in how many milliseconds to ask again. */
export type Due = { readonly work: () => Promise<void> } | { readonly waitMs: number };

export interface ProgressOptions {
  /** Id of the request. */
  readonly id: string;
  readonly attempt: number;
  readonly world: World;
  readonly log: AttemptLog;
  readonly viewers: Viewers;
  /** The viewers that had attached when the attempt took over the log. */
  readonly viewersVersion: number;
  readonly ratePerSecond: number;
}

/** The progress of one attempt, on its way to the viewers and to the head of the log. Its owner does one work at a time. */
export class AttemptProgress {
  private readonly pending: Coalescer;
  private viewersVersion: number;
  private headSeenAt: number;

  public constructor(private readonly options: ProgressOptions) {
    this.pending = coalescer(options.ratePerSecond);
    this.viewersVersion = options.viewersVersion;
    this.headSeenAt = options.world.now();
  }

  /** @returns whether the report may be due earlier than the time that `due` returned last */
  public report(progress: Progress): boolean {
    return this.pending.report(progress);
  }

  /** Whether something was reported that is not sent or not stored yet. */
  public get dirty(): boolean {
    return this.pending.dirty;
  }

  /** Sends and stores what is due, and looks at the head when nothing else has. */
  public due(): Due {
    const now = this.options.world.now();
    const { send, persist, waitMs = HEAD_READ_MS } = this.pending.next(now);
    if (send || persist) return { work: () => this.flush() };
    if (now - this.headSeenAt >= HEAD_READ_MS) return { work: () => this.readHead() };
    return { waitMs: Math.min(waitMs, this.headSeenAt + HEAD_READ_MS - now) };
  }

  /** Sends and stores the remaining report: the last report of an attempt is not delayed. */
  public async lastReport(): Promise<void> {
    try {
      if (this.pending.next(Number.POSITIVE_INFINITY).persist) await this.persist();
    } finally {
      // storing the report returns the viewers that have attached: it is sent to them, too
      if (this.pending.next(Number.POSITIVE_INFINITY).send) this.send();
    }
  }

  private async flush(): Promise<void> {
    const { send, persist } = this.pending.next(this.options.world.now());
    if (send) this.send();
    if (persist) await this.persist();
  }

  private send(): void {
    const { id, attempt, world, log, viewers } = this.options;
    const { latest, seq } = this.pending;
    const frame: ProgressFrame = { type: 'progress', id, attempt, seq, afterOffset: log.next, ...latest };
    this.pending.sent(world.now());
    viewers.send({ kind: 'progress', text: JSON.stringify(frame) });
  }

  private async persist(): Promise<void> {
    const { world, log } = this.options;
    this.pending.persisted(world.now());
    const { latest, seq } = this.pending;
    const progress = { ...latest, seq, afterOffset: log.next };
    const viewersVersion = await log.writeHead(progress).catch((error) => {
      this.pending.persistAgain();
      throw error;
    });
    this.seeHead(viewersVersion);
  }

  private async readHead(): Promise<void> {
    this.seeHead(await this.options.log.readHead());
  }

  /** A viewer that came since is sent the latest progress; `afterOffset` tells it what it has missed. */
  private seeHead(viewersVersion: number): void {
    this.headSeenAt = this.options.world.now();
    if (viewersVersion === this.viewersVersion) return;
    this.viewersVersion = viewersVersion;
    this.options.viewers.seeNewcomers();
    this.pending.sendAgain();
  }
}
