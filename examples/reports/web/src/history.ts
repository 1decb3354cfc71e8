import { type Entry, isFinished, merged } from './entry';

/** The members of `localStorage` that are used here. */
export interface KeyValues {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const PREFIX = 'reports.request.';
/** Maximum number of finished requests; the oldest beyond it are removed. */
export const KEPT = 20;

/**
 * The requests that this browser has sent.
 *
 * Each has its own key, so that two tabs never overwrite each other's list; the two views of one request are merged.
 */
export class History {
  constructor(private readonly storage: KeyValues) {}

  /** All stored entries, the newest first. Entries that cannot be read are left out. */
  all(): Entry[] {
    const keys = Array.from({ length: this.storage.length }, (_, i) => this.storage.key(i) ?? '');
    const entries = keys.filter((key) => key.startsWith(PREFIX)).flatMap((key) => this.read(key) ?? []);
    return entries.sort(newestFirst);
  }

  /** Stores the entry, merged with what another tab stored meanwhile; returns what is stored now. */
  save(entry: Entry): Entry {
    const key = PREFIX + entry.id;
    const stored = this.read(key);
    const result = stored ? merged(entry, stored) : entry;
    try {
      this.storage.setItem(key, JSON.stringify(result));
    } catch {
      // The storage is full or disabled: the page continues, but a reload will not find this request.
    }
    return result;
  }

  remove(id: string): void {
    this.storage.removeItem(PREFIX + id);
  }

  /** Removes the oldest finished requests beyond `KEPT`. */
  prune(): void {
    const finished = this.all().filter(isFinished);
    for (const entry of finished.slice(KEPT)) this.remove(entry.id);
  }

  /** Whether the key of a `storage` event belongs to an entry; `null` is the event of a cleared storage. */
  concerns(key: string | null): boolean {
    return key === null || key.startsWith(PREFIX);
  }

  private read(key: string): Entry | undefined {
    try {
      const value: unknown = JSON.parse(this.storage.getItem(key) ?? 'null');
      return isEntry(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }
}

export function newestFirst(a: Entry, b: Entry): number {
  return b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1);
}

/** The storage may contain entries of an older version of the page, or any other data. */
function isEntry(value: unknown): value is Entry {
  const { id, input, startedAt, offset, percentage, sections } = (value ?? {}) as Partial<Entry>;
  const numbers = [startedAt, offset, percentage].every((each) => typeof each === 'number');
  return typeof id === 'string' && typeof input === 'object' && numbers && Array.isArray(sections);
}
