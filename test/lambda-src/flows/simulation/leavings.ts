import { channelOf, logKey } from '../../../../lambda-src/core/keys';
import { CONNECTION_TTL_SECONDS, LEFT } from '../../../../lambda-src/core/leaving';
import type { RequestItem } from '../../../../lambda-src/core/request';
import type { Item, Write } from '../../../../lambda-src/core/write';

/** A processor of the simulation. */
interface Processor {
  readonly name: string;
  readonly dead: boolean;
}

type Run = Pick<RequestItem, 'id' | 'run'>;

/** A viewer: a connection that has been subscribed to the log of a request. */
interface Presence {
  readonly run: number;
  readonly cameAt: number;
  /** Time at which the connection really ended. */
  endedAt: number;
  /** Time at which a function recorded the end. */
  notedAt: number;
}

/** Time without a viewer, from the end of the last connection to the next viewer. */
interface Absence {
  readonly from: number;
  readonly to: number;
}

/**
 * The promises of an action whose requests are cancelled after their viewers have left. If a viewer comes back in time, its request is not cancelled. If no
 * viewer comes back, the handler of the request is stopped, or is not started.
 */
export class Leavings {
  public readonly violations: string[] = [];
  /** Number of cancellations of requests without viewers, and number of viewers that came back in time. */
  public readonly seen = { cancelled: 0, returned: 0 };
  private readonly channels = new Map<string, Map<string, Presence>>();
  private readonly channelById = new Map<string, string>();
  private readonly ends = new Map<string, number>();

  /** @param tolerance maximum difference of clocks */
  public constructor(
    private readonly cancelAfterMs: number,
    private readonly tolerance: number,
  ) {}

  /** Observes a write of a subscription. */
  public observeSubscription(write: Write, after: Item | undefined, now: number): void {
    if (write.kind !== 'put' || !after) return;
    const presences = this.presencesOf(String(after.channel));
    const connectionId = String(after.connectionId);
    const known = presences.get(connectionId);
    if (after.leftAt !== undefined) {
      if (known) known.notedAt = Math.min(known.notedAt, now);
      return;
    }
    const { from = now } = absencesOf([...presences.values()]).at(-1) ?? {};
    if (!known && from < now && now < from + this.cancelAfterMs) this.seen.returned++;
    const ttl = Number(after.connectedAt) + CONNECTION_TTL_SECONDS * 1000;
    const { endedAt = Math.min(ttl, this.ends.get(connectionId) ?? ttl), cameAt = now } = known ?? {};
    // A connection that attaches again counts again until its end is recorded, even if its end was recorded before.
    presences.set(connectionId, { run: Number(after.run), cameAt, endedAt, notedAt: ttl });
  }

  /** Records the real end of a connection, which a function may not notice. */
  public ended(connectionId: string, now: number): void {
    this.ends.set(connectionId, Math.min(now, this.ends.get(connectionId) ?? now));
    for (const presences of this.channels.values()) {
      const known = presences.get(connectionId);
      if (known) known.endedAt = Math.min(known.endedAt, now);
    }
  }

  /**
   * Observes a write of a request.
   *
   * @param since earliest time at which the writer of the request read the viewers
   */
  public observe(before: RequestItem | undefined, after: RequestItem, since: number, now: number): void {
    this.channelById.set(after.id, channelOf(logKey(after)));
    const isOfLeaving = (request: RequestItem | undefined) =>
      request !== undefined && request.run === after.run && JSON.stringify(request).includes(String(LEFT.cancelReason));
    if (!isOfLeaving(after) || isOfLeaving(before)) return;
    this.seen.cancelled++;
    const presences = [...this.presencesOf(channelOf(logKey(after))).values()];
    const longest = Math.max(
      ...absencesOf(presences).map(({ from, to }) => (to < since ? 0 : Math.min(to, now) - from)),
    );
    if (longest < this.cancelAfterMs - this.tolerance) {
      this.violations.push(`${after.id} was cancelled ${longest} ms after its viewers had left`);
    }
    if (after.run > 1 && !presences.some(({ run }) => run === after.run)) {
      this.violations.push(`run ${after.run} of ${after.id} was cancelled, but never had a viewer`);
    }
  }

  /** Returns the handlers that should have been stopped: the end of their last viewer was recorded long enough ago. */
  public lateRuns(running: readonly [Processor, Run][], calmAt: number, stopMs: number, now: number): string[] {
    const isLate = ([{ dead }, run]: [Processor, Run]) =>
      !dead && now > Math.max(calmAt, this.leftSince(run)) + this.cancelAfterMs + stopMs + this.tolerance;
    return running.filter(isLate).map(([{ name }, { id }]) => `${name} runs ${id}, whose viewers have left`);
  }

  /** Returns the time at which the last known viewer left; infinity if a viewer is present, or if the run never had one. */
  private leftSince({ id, run }: Run): number {
    const presences = [...this.presencesOf(this.channelById.get(id) ?? '').values()];
    const hadViewer = run === 1 || presences.some((presence) => presence.run === run);
    return hadViewer ? Math.max(...presences.map(({ notedAt }) => notedAt)) : Number.POSITIVE_INFINITY;
  }

  private presencesOf(channel: string): Map<string, Presence> {
    const known = this.channels.get(channel) ?? new Map<string, Presence>();
    this.channels.set(channel, known);
    return known;
  }
}

/** Returns the times without a viewer, after the first viewer came. */
function absencesOf(presences: readonly Presence[]): Absence[] {
  const [first, ...others] = [...presences].sort((a, b) => a.cameAt - b.cameAt);
  if (!first) return [];
  let from = first.endedAt;
  const absences: Absence[] = [];
  for (const { cameAt, endedAt } of others) {
    if (cameAt > from) absences.push({ from, to: cameAt });
    from = Math.max(from, endedAt);
  }
  return [...absences, { from, to: Number.POSITIVE_INFINITY }];
}
