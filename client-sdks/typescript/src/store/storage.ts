import { attempt } from '../util/attempt';

/** The members of `localStorage` that the stores use. */
export interface SnapshotStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Content of the storage, with which a request continues after a reload of the page. */
export interface StoredRequest {
  readonly id: string;
  readonly action: string;
  /** Input and options of a request that the server has not accepted yet. The page sends it again under the same id. */
  readonly sent?: SentRequest;
}

export interface SentRequest {
  readonly input?: unknown;
  readonly options?: object;
}

const PREFIX = 'streamer:';

/** Remembers one request under a key. Without a storage, for example in a private window, nothing is remembered. */
export class RequestMemory {
  private readonly key: string;

  constructor(
    key: string,
    private readonly action: string,
    private readonly storage?: SnapshotStorage,
  ) {
    this.key = PREFIX + key;
  }

  /** Returns the stored request; undefined if there is none, or if it is a request of another action. */
  load(): StoredRequest | undefined {
    return attempt(() => {
      const stored: Partial<StoredRequest> = JSON.parse(this.opened()?.getItem(this.key) ?? 'null') ?? {};
      const { id, action } = stored;
      return action === this.action && typeof id === 'string' ? { ...stored, id, action } : undefined;
    });
  }

  save(id: string, sent?: SentRequest): void {
    const { action } = this;
    attempt(() => this.opened()?.setItem(this.key, JSON.stringify({ id, action, sent })));
  }

  /** Removes the input of a request that the server has accepted. */
  accepted(id: string): void {
    const stored = this.load();
    if (stored?.id === id && stored.sent) this.save(id);
  }

  /** Forgets a request, unless another page has stored a later one. */
  clear(id: string): void {
    if (this.load()?.id === id) attempt(() => this.opened()?.removeItem(this.key));
  }

  private opened(): SnapshotStorage | undefined {
    return this.storage ?? (globalThis as { localStorage?: SnapshotStorage }).localStorage;
  }
}
