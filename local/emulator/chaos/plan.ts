import type { FaultAt, FaultPlace, FaultProfile, Range } from './faults';

/** A fault that the plan has chosen for one occurrence of a place. */
export interface PlannedFault<Place extends FaultPlace> {
  readonly at: Place;
  readonly fault: FaultAt<Place>;
  /** Number of the occurrence, from 0. */
  readonly occurrence: number;
  /** Time in milliseconds, from the range of the rule. */
  readonly ms: number;
  /** Number of a call, from the range of the rule. */
  readonly call: number;
  /** Random number from 0 up to 1, for a further choice of the place. */
  readonly random: number;
}

/** Time in which a service answers no call, in milliseconds since the start. */
interface Outage {
  readonly from: number;
  readonly to: number;
  readonly service: string;
}

/** Called when a fault takes effect. @param fault place and name, such as `post throttle` */
export type OnFault = (fault: string) => void;

/**
 * Decides which faults occur. A decision depends only on the seed, the place and the number of the place's occurrences before. Therefore the same seed
 * gives the same decisions, even if the occurrences of different places interleave in another way.
 */
export class FaultPlan {
  /** How often each fault has taken effect. */
  public readonly injected: Record<string, number> = {};
  private readonly occurrences = new Map<FaultPlace, number>();
  private readonly outages: Outage[] = [];
  private readonly noticed = new Set<Outage>();
  private isOver = false;

  public constructor(
    public readonly seed: number,
    private readonly profile: FaultProfile,
    private readonly onFault: OnFault = () => undefined,
  ) {}

  /** Decides about the next occurrence of a place. The caller calls `took` when the fault takes effect. */
  public next<Place extends FaultPlace>(at: Place): PlannedFault<Place> | undefined {
    const occurrence = this.occurrences.get(at) ?? 0;
    this.occurrences.set(at, occurrence + 1);
    if (this.isOver) return undefined;
    let left = chanceOf(this.seed, at, occurrence, 0);
    for (const { at: place, fault, chance, ms = NONE, calls = FIRST } of this.profile.rules) {
      if (place !== at) continue;
      left -= chance;
      if (left >= 0) continue;
      const of = (salt: number) => chanceOf(this.seed, at, occurrence, salt);
      return {
        at,
        fault: fault as FaultAt<Place>,
        occurrence,
        ms: within(ms, of(1)),
        call: within(calls, of(2)),
        random: of(3),
      };
    }
    return undefined;
  }

  /** Counts a fault that has taken effect. */
  public took({ at, fault }: { readonly at: string; readonly fault: string }): void {
    this.count(`${at} ${fault}`);
  }

  /**
   * Returns whether a service answers no call. An outage counts as one fault, at its first call.
   *
   * @param elapsedMs milliseconds since the start
   */
  public isDown(service: string, elapsedMs: number): boolean {
    const { outages } = this.profile;
    if (!outages || this.isOver) return false;
    for (let last = this.outages.at(-1); (last?.to ?? 0) <= elapsedMs; last = this.outages.at(-1)) {
      const number = this.outages.length;
      const from = (last?.to ?? 0) + within(outages.everyMs, chanceOf(this.seed, 'outage', number, 0));
      const choice = Math.floor(chanceOf(this.seed, 'outage', number, 1) * outages.services.length);
      this.outages.push({ from, to: from + outages.lastsMs, service: outages.services[choice] as string });
    }
    const outage = this.outages.find(
      (each) => each.service === service && each.from <= elapsedMs && elapsedMs < each.to,
    );
    if (outage && !this.noticed.has(outage)) {
      this.noticed.add(outage);
      this.count(`outage ${service}`);
    }
    return outage !== undefined;
  }

  /** Ends all faults. */
  public stop(): void {
    this.isOver = true;
  }

  /** Number of faults that have taken effect. */
  public get total(): number {
    return Object.values(this.injected).reduce((sum, count) => sum + count, 0);
  }

  private count(fault: string): void {
    this.injected[fault] = (this.injected[fault] ?? 0) + 1;
    this.onFault(fault);
  }
}

const NONE: Range = [0, 0];
const FIRST: Range = [1, 1];

const within = ([least, most]: Range, random: number): number =>
  Math.min(most, least + Math.floor(random * (most - least + 1)));

/** Returns a number from 0 up to 1 that depends only on the arguments. The hash is FNV-1a with a final mixing of its bits. */
function chanceOf(seed: number, place: string, occurrence: number, salt: number): number {
  let hash = 2_166_136_261;
  for (const char of `${seed}/${place}/${occurrence}/${salt}`) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296;
}
