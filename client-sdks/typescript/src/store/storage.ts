/** The members of `localStorage` that the stores use. */
export interface SnapshotStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Identifies a request after a reload of the page. */
export interface StoredRequest {
  readonly id: string;
  readonly action: string;
}

const PREFIX = 'streamer:';

/** Remembers one request under a key. Without a storage, for example in a private window, nothing is remembered. */
export class RequestMemory {
  private readonly key: string;

  constructor(
    key: string,
    private readonly storage?: SnapshotStorage,
  ) {
    this.key = PREFIX + key;
  }

  /** Returns the stored request; undefined if there is none, or if it is a request of another action. */
  load(action: string): string | undefined {
    return attempt(() => {
      const stored: Partial<StoredRequest> = JSON.parse(this.opened()?.getItem(this.key) ?? 'null') ?? {};
      return stored.action === action && typeof stored.id === 'string' ? stored.id : undefined;
    });
  }

  save(request: StoredRequest): void {
    attempt(() => this.opened()?.setItem(this.key, JSON.stringify(request)));
  }

  clear(): void {
    attempt(() => this.opened()?.removeItem(this.key));
  }

  private opened(): SnapshotStorage | undefined {
    return this.storage ?? (globalThis as { localStorage?: SnapshotStorage }).localStorage;
  }
}

/** A storage may throw: it is full, or the browser does not allow access. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
