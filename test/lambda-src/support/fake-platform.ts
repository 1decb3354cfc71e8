import type { Platform } from '../../../lambda-src/flows/ports';

interface Sleeper {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

/** Waits until every promise that can continue has continued. */
export const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * A platform with time that only the test moves, ids that count, and random numbers that the test sets.
 *
 * After each sleeper that it wakes, it lets all promises continue. So everything that follows happens at that time.
 */
export class FakePlatform implements Platform {
  public chance = 0.5;
  private readonly sleepers = new Set<Sleeper>();
  private ids = 0;

  public constructor(public time = 1_700_000_000_000) {}

  public readonly now = () => this.time;
  public readonly random = () => this.chance;
  public readonly newId = () => `id-${++this.ids}`;

  public readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper = { at: this.time + ms, order: ++this.ids, wake: resolve };
      this.sleepers.add(sleeper);
      signal?.addEventListener('abort', () => {
        this.sleepers.delete(sleeper);
        resolve();
      });
    });

  /** Number of sleepers that wait. Zero at the end of a test shows that no timer is left. */
  public get sleeping(): number {
    return this.sleepers.size;
  }

  public async advance(ms: number): Promise<void> {
    const until = this.time + ms;
    await settle();
    for (let next = this.next(until); next; next = this.next(until)) {
      this.sleepers.delete(next);
      this.time = Math.max(this.time, next.at);
      next.wake();
      await settle();
    }
    this.time = until;
  }

  private next(until: number): Sleeper | undefined {
    const due = [...this.sleepers].filter(({ at }) => at <= until);
    return due.sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }
}
