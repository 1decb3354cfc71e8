import type { KeyValues } from '../../../../examples/reports/web/src/history';

/** Replaces `localStorage`, which Node.js does not have. With `full`, each write fails, as in a full storage. */
export class MemoryStorage implements KeyValues {
  readonly values = new Map<string, string>();
  full = false;

  get length(): number {
    return this.values.size;
  }

  key(index: number): string | null {
    return [...this.values.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.values.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (this.full) throw new Error('QuotaExceededError');
    this.values.set(key, value);
  }

  removeItem(key: string): void {
    this.values.delete(key);
  }
}
