import type { HandlerContext } from '../../../../lambda-src/handler';
import type { AckFrame, LogFrame } from '../../../../lambda-src/protocol';

interface Taken {
  readonly n: string;
  /** Run, slice and attempt of the handler. */
  readonly by: string;
  /** Events that this attempt had stored before it took the snapshot. */
  readonly events: readonly string[];
  readonly order: number;
  resolved: boolean;
}

/** The snapshots that handlers of the simulation store, and the checks of those that late viewers get. */
export class SimulatedSnapshots {
  public readonly violations: string[] = [];
  public readonly seen = { taken: 0, 'read by a late viewer': 0 };
  private readonly taken = new Map<string, Taken[]>();
  private readonly stored = new Map<string, string[]>();

  /** Notes that an event of an attempt is stored. */
  public emitted(context: HandlerContext, n: string): void {
    const key = keyOf(context);
    this.stored.set(key, [...(this.stored.get(key) ?? []), n]);
  }

  /** Stores a snapshot of the events that this attempt has stored. */
  public async take(context: HandlerContext, n: string): Promise<void> {
    const { id } = context.request;
    const all = this.taken.get(id) ?? [];
    this.taken.set(id, all);
    const events = [...(this.stored.get(keyOf(context)) ?? [])];
    const taken: Taken = { n, by: keyOf(context), events, order: all.length, resolved: false };
    all.push(taken);
    await context.snapshot({ n });
    taken.resolved = true;
    this.seen.taken += 1;
  }

  /** Checks the answer to a late viewer, after the request has ended. */
  public check(id: string, { snapshot, entries = [], offset }: AckFrame, frames: readonly LogFrame[]): void {
    const all = this.taken.get(id) ?? [];
    if (!snapshot) {
      if (all.some(({ resolved }) => resolved)) this.violations.push(`${id}: a stored snapshot is lost`);
      return;
    }
    this.seen['read by a late viewer'] += 1;
    const expected = frames.slice(snapshot.offset, offset);
    if (JSON.stringify(entries) !== JSON.stringify(expected)) this.violations.push(`${id}: other entries than the log`);
    const { n } = snapshot.data as { n: string };
    const taken = all.find((each) => each.n === n);
    if (!taken) this.violations.push(`${id}: the snapshot ${n} was never taken`);
    else this.checkPlace(id, taken, snapshot, frames);
  }

  private checkPlace(
    id: string,
    taken: Taken,
    { offset, fence, run, attempt, slice = 1 }: NonNullable<AckFrame['snapshot']>,
    frames: readonly LogFrame[],
  ): void {
    if (taken.by !== `${id}/${run}/${slice}/${attempt}`) this.violations.push(`${id}: ${taken.n} has other counters`);
    const mine = frames.filter((frame) => frame.type === 'event' && frame.fence === fence);
    const below = mine.filter((frame) => frame.offset < offset).flatMap(eventOf);
    if (JSON.stringify(below) !== JSON.stringify(taken.events)) {
      this.violations.push(`${id}: ${taken.n} was taken after ${taken.events}, but is stored after ${below}`);
    }
    const later = (this.taken.get(id) ?? []).filter(({ order, by, resolved }) => {
      return resolved && by === taken.by && order > taken.order;
    });
    if (later.length > 0) this.violations.push(`${id}: ${later[0]?.n} was replaced by the earlier ${taken.n}`);
    this.checkFence(id, fence, frames);
  }

  /** A snapshot of an attempt must not replace that of a later attempt. */
  private checkFence(id: string, fence: number, frames: readonly LogFrame[]): void {
    const fences = new Map(
      frames.flatMap((frame) => (frame.type === 'event' ? [[nameOf(id, frame), frame.fence]] : [])),
    );
    const late = (this.taken.get(id) ?? []).filter(({ resolved, by }) => resolved && (fences.get(by) ?? 0) > fence);
    if (late.length > 0) this.violations.push(`${id}: ${late[0]?.n} was replaced by an earlier attempt`);
  }
}

const keyOf = ({ request: { id, run, slice, attempt } }: HandlerContext): string => `${id}/${run}/${slice}/${attempt}`;

const nameOf = (id: string, { run, slice = 1, attempt }: Extract<LogFrame, { type: 'event' }>): string =>
  `${id}/${run}/${slice}/${attempt}`;

/** The number of an event, unless the frame is the marker of an attempt. */
function eventOf(frame: LogFrame): string[] {
  if (frame.type !== 'event' || frame.name === '$attempt') return [];
  return [(frame.data as { n: string }).n];
}
