import { type Entry, isFinished, merged } from './entry';

/** The members of `localStorage` that this module uses. */
export interface KeyValues {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const PREFIX = 'reports.request.';
/** Value of an entry that the user has removed. */
const REMOVED = 'null';
/** Maximum number of finished requests; the oldest beyond it are removed. */
export const KEPT = 20;

/**
 * The requests of this user that this browser knows: those that it has sent, and those of other devices.
 *
 * Each request has its own key in the storage, so that two tabs never overwrite each other's requests. If both tabs
 * have the same request, their entries are merged.
 */
export class History {
  constructor(private readonly storage: KeyValues) {}

  /** Returns all stored entries, newest first. Invalid entries are left out. */
  all(): Entry[] {
    const keys = Array.from({ length: this.storage.length }, (_, i) => this.storage.key(i) ?? '');
    const entries = keys.filter((key) => key.startsWith(PREFIX)).flatMap((key) => this.read(key) ?? []);
    return entries.sort(newestFirst);
  }

  /** Stores the entry, after it was merged with the entry of another tab. Returns the stored entry. */
  save(entry: Entry): Entry {
    const key = PREFIX + entry.id;
    const stored = this.read(key);
    const result = stored ? merged(entry, stored) : entry;
    this.store(entry.id, JSON.stringify(result));
    return result;
  }

  /** Removes the entry for good: the list of the server still contains the request, so this browser remembers that it is removed. */
  remove(id: string): void {
    this.store(id, REMOVED);
  }

  /** Whether this browser has, or had, an entry of the request. */
  knows(id: string): boolean {
    return this.storage.getItem(PREFIX + id) !== null;
  }

  /** Removes the oldest finished requests above `KEPT`. */
  prune(): void {
    const finished = this.all().filter(isFinished);
    for (const { id } of finished.slice(KEPT)) this.storage.removeItem(PREFIX + id);
  }

  /** Whether a `storage` event concerns an entry. Its key is `null` if the whole storage was cleared. */
  concerns(key: string | null): boolean {
    return key === null || key.startsWith(PREFIX);
  }

  private store(id: string, text: string): void {
    try {
      this.storage.setItem(PREFIX + id, text);
    } catch {
      // The storage is full or disabled: the page continues, but a reload will not find this change.
    }
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

/**
 * Whether a stored value is an entry. The storage may contain entries of an older version of the page, or any other
 * data.
 */
function isEntry(value: unknown): value is Entry {
  const { id, input, startedAt, offset, percentage, sections } = (value ?? {}) as Partial<Entry>;
  const numbers = [startedAt, offset, percentage].every((each) => typeof each === 'number');
  return typeof id === 'string' && typeof input === 'object' && numbers && Array.isArray(sections);
}
