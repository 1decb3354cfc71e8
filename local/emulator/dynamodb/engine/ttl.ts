import type { Change, Item } from './model';
import { OrderedMap } from './ordered-map';

/** Items that expired more than this number of seconds ago are not removed (developer guide, "Using time to live"). */
const TOO_OLD_SECONDS = 5 * 365 * 24 * 60 * 60;

/** Items of one table in the order of their expiry. */
export class TimeToLive {
  private readonly byExpiry = new OrderedMap<string>();

  constructor(
    public readonly attribute: string,
    items: OrderedMap<Item>,
  ) {
    for (const [key, after] of items.entries()) this.track({ key, after });
  }

  public get isEmpty(): boolean {
    return this.byExpiry.size === 0;
  }

  public track({ key, before, after }: Omit<Change, 'tableName'>): void {
    const old = this.expiry(before);
    const now = this.expiry(after);
    if (old === now) return;
    if (old !== undefined) this.byExpiry.delete(place(old, key));
    if (now !== undefined) this.byExpiry.set(place(now, key), key);
  }

  /** Returns the keys of expired items. */
  public expired(nowSeconds: number): string[] {
    const range = { gt: place(Math.max(0, nowSeconds - TOO_OLD_SECONDS), ''), lt: place(nowSeconds + 1, '') };
    return [...this.byExpiry.entries(range)].map(([, key]) => key);
  }

  /**
   * Returns an item's expiry in seconds since the epoch, or undefined if the attribute is missing or does not contain
   * such a time.
   */
  private expiry(item: Item | undefined): number | undefined {
    const seconds = Math.floor(Number(item?.[this.attribute]?.N ?? Number.NaN));
    return seconds >= 0 && Number.isSafeInteger(seconds) ? seconds : undefined;
  }
}

/**
 * Returns a key for sorting. 16 digits are enough for every safe integer, so the order of strings is the order of
 * numbers.
 */
function place(seconds: number, key: string): string {
  return `${String(seconds).padStart(16, '0')}/${key}`;
}
