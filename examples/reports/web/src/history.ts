import { type Entry, isFinished, merged } from './entry';

/** As much of `localStorage` as is used here. */
export interface KeyValues {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const PREFIX = 'reports.request.';
/** Finished requests beyond this number are forgotten, the oldest first. */
export const KEPT = 20;

/**
 * The requests that this browser asked for.
 *
 * Each lies under a key of its own, so that two tabs never write over each other's list; both tabs' views of one request are merged.
 */
export class History {
  constructor(private readonly storage: KeyValues) {}

  /** All that are stored, the newest first. What cannot be read is left out. */
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
      // The storage is full or switched off: the page goes on, only a reload will not know this request.
    }
    return result;
  }

  remove(id: string): void {
    this.storage.removeItem(PREFIX + id);
  }

  /** Forgets the oldest finished requests beyond `KEPT`. */
  prune(): void {
    const finished = this.all().filter(isFinished);
    for (const entry of finished.slice(KEPT)) this.remove(entry.id);
  }

  /** Whether a `storage` event's key is one of these; `null` is the event of a cleared storage. */
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

/** Storage may hold what an older version of the page wrote, or anything. */
function isEntry(value: unknown): value is Entry {
  const { id, input, startedAt, offset, percentage, sections } = (value ?? {}) as Partial<Entry>;
  const numbers = [startedAt, offset, percentage].every((each) => typeof each === 'number');
  return typeof id === 'string' && typeof input === 'object' && numbers && Array.isArray(sections);
}
