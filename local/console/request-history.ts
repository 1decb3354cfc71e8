import type { StateSlot } from '../emulator/state';
import type { Transition } from './types';

/** Maximum number of requests whose transitions are kept; the oldest are discarded first. */
const MAX_REQUESTS = 5000;
const MAX_TRANSITIONS = 200;

type KeptRecord = readonly [key: string, epoch: string, transitions: readonly Transition[]];

/**
 * Times at which requests changed their status. The tables do not contain these times, and streams contain them for at
 * most one day. With persistent storage, the times are still known after a restart.
 */
export class RequestHistory {
  private readonly byKey = new Map<string, { readonly epoch: string; readonly transitions: Transition[] }>();

  /** @param slot persistent storage. @default - none */
  public constructor(private readonly slot?: StateSlot) {
    for (const [key, epoch, transitions] of (slot?.restore() ?? []) as readonly KeptRecord[]) {
      this.of(key, epoch).push(...transitions);
    }
    slot?.onSnapshot(() => this.records());
  }

  /**
   * Returns the transitions of a request, oldest first. {@link note} adds to this array. If an id is used again in
   * another epoch, the array begins empty.
   */
  public of(key: string, epoch: string): Transition[] {
    const known = this.byKey.get(key);
    if (known?.epoch === epoch) return known.transitions;
    const transitions: Transition[] = [];
    this.byKey.set(key, { epoch, transitions });
    if (this.byKey.size > MAX_REQUESTS) this.byKey.delete(this.byKey.keys().next().value as string);
    return transitions;
  }

  /**
   * Adds a transition, unless the history already contains it. A stream may be read again from its beginning. The
   * renewal of a lease changes the item but not the status.
   */
  public note(key: string, epoch: string, next: Transition): void {
    const transitions = this.of(key, epoch);
    const last = transitions.at(-1);
    if ((last && next.at < last.at) || transitions.some((known) => isSame(known, next))) return;
    transitions.push(next);
    if (transitions.length > MAX_TRANSITIONS) transitions.splice(1, 1);
    this.slot?.append([key, epoch, [next]]);
  }

  public forget(key: string): void {
    this.byKey.delete(key);
  }

  private *records(): Generator<KeptRecord> {
    for (const [key, { epoch, transitions }] of this.byKey) yield [key, epoch, transitions];
  }
}

const isSame = (one: Transition, other: Transition): boolean =>
  one.status === other.status && one.attempt === other.attempt && one.run === other.run;
