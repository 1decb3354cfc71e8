/** A tenant is noisy if it uses more than this share of the messages in flight or of the consumers' time. */
const NOISY_SHARE = 0.1;
/**
 * Minimum number of messages in flight for a noisy tenant. With fewer messages, the tenant's share of the messages has
 * no effect.
 */
const NOISY_IN_FLIGHT = 30;
/** Period of recent consumer time in milliseconds. AWS does not publish it; this value is an assumption. */
const TIME_WINDOW_MS = 60_000;

interface Usage {
  ms: number;
  forgotten: boolean;
}

interface Completion {
  readonly at: number;
  readonly usage: Usage;
  readonly ms: number;
}

/**
 * Load of each message group: its messages in flight, and the time that consumers spent on them. Each message without a
 * group counts as a separate tenant, and is never noisy.
 */
export class GroupLoad {
  private readonly inFlightByGroup = new Map<string, number>();
  private readonly usageByGroup = new Map<string, Usage>();
  private readonly ungrouped: Usage = { ms: 0, forgotten: false };
  private readonly completions: Completion[] = [];
  private totalInFlight = 0;
  private totalMs = 0;

  public get inFlight(): number {
    return this.totalInFlight;
  }

  public inFlightOf(groupId: string | undefined): number {
    return groupId === undefined ? 0 : (this.inFlightByGroup.get(groupId) ?? 0);
  }

  public started(groupId: string | undefined): void {
    this.totalInFlight++;
    if (groupId !== undefined) this.inFlightByGroup.set(groupId, this.inFlightOf(groupId) + 1);
  }

  public ended(groupId: string | undefined, now: number, ms: number): void {
    this.totalInFlight--;
    const left = this.inFlightOf(groupId) - 1;
    if (groupId !== undefined && left > 0) this.inFlightByGroup.set(groupId, left);
    else if (groupId !== undefined) this.inFlightByGroup.delete(groupId);
    this.dropOld(now);
    const usage = this.usageOf(groupId);
    usage.ms += ms;
    this.totalMs += ms;
    this.completions.push({ at: now, usage, ms });
  }

  /** Removes a group without remaining messages. A new message of the group starts without load. */
  public forget(groupId: string | undefined): void {
    if (groupId === undefined) return;
    const usage = this.usageByGroup.get(groupId);
    if (!usage) return;
    usage.forgotten = true;
    this.totalMs -= usage.ms;
    this.usageByGroup.delete(groupId);
  }

  public isNoisy(groupId: string | undefined, now: number): boolean {
    if (groupId === undefined) return false;
    this.dropOld(now);
    const inFlight = this.inFlightOf(groupId);
    if (inFlight >= NOISY_IN_FLIGHT && inFlight > NOISY_SHARE * this.totalInFlight) return true;
    return (this.usageByGroup.get(groupId)?.ms ?? 0) > NOISY_SHARE * this.totalMs;
  }

  private usageOf(groupId: string | undefined): Usage {
    if (groupId === undefined) return this.ungrouped;
    const usage = this.usageByGroup.get(groupId) ?? { ms: 0, forgotten: false };
    this.usageByGroup.set(groupId, usage);
    return usage;
  }

  private dropOld(now: number): void {
    while (this.completions.length > 0 && this.completions[0].at <= now - TIME_WINDOW_MS) {
      const { usage, ms } = this.completions.shift() as Completion;
      if (usage.forgotten) continue;
      usage.ms -= ms;
      this.totalMs -= ms;
    }
  }
}
