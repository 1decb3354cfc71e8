import type { StreamerClient } from '../client';
import type { ListedRequest, ListOptions, UntypedActions } from '../types';
import type { StreamerError } from '../wire/errors';
import { isEnded } from './request-view';
import { Store } from './store';

/** The user's own requests, as a page shows them. */
export interface RequestListView<Actions = UntypedActions> {
  /** The newest requests first. */
  readonly requests: readonly ListedRequest<Actions>[];
  /** Whether the first page has not been loaded yet. */
  readonly isLoading: boolean;
  /** Whether `loadMore` would load further requests. */
  readonly hasMore: boolean;
  /** Reason why the last load failed. The requests are those of the load before. */
  readonly error?: StreamerError;
}

/** Options of a request list: those of `StreamerClient.requests`, without the cursor. */
export interface RequestListOptions<Action extends string = string> extends Omit<ListOptions<Action>, 'cursor'> {
  /**
   * Time in milliseconds between two loads while a request of the list has not ended. Each load sends one message for each page that is shown.
   * Otherwise, the list is loaded six times less often. Default: 5,000.
   */
  readonly refreshMs?: number;
}

const REFRESH_MS = 5_000;
/** Without running requests, the list changes only if another device starts one. */
const IDLE_FACTOR = 6;
/** Time in milliseconds after which the server's list contains a new request, or the end of a request. */
const LISTED_AFTER_MS = 1_200;

/** Whether the user sees the page. */
const isHidden = (): boolean =>
  (globalThis as { document?: { readonly visibilityState?: string } }).document?.visibilityState === 'hidden';

/** Lists the user's requests, and loads them again in intervals. The server does not notify clients of new requests of other devices. */
export class RequestListStore<
  Actions extends object = UntypedActions,
  Action extends keyof Actions & string = keyof Actions & string,
> extends Store<RequestListView<Pick<Actions, Action>>> {
  private readonly listing: ListOptions<Action>;
  private readonly refreshMs: number;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopListening: (() => void) | undefined;
  /** Number of pages that are shown. */
  private pages = 1;
  /** Number of the load whose answer counts. */
  private load = 0;

  /** @param client returns the client. It is called when the store gets its first listener */
  constructor(
    private readonly client: () => StreamerClient<Actions>,
    options: RequestListOptions<Action> = {},
  ) {
    super({ requests: [], isLoading: true, hasMore: false });
    const { refreshMs = REFRESH_MS, ...listing } = options;
    this.refreshMs = refreshMs;
    this.listing = listing;
  }

  /** Loads the shown pages again. */
  readonly reload = (): void => {
    clearTimeout(this.timer);
    const load = ++this.load;
    this.read().then(
      (view) => this.loaded(load, { ...view, isLoading: false, error: undefined }),
      (error: StreamerError) => this.loaded(load, { isLoading: false, error }),
    );
  };

  /** Shows one more page. */
  readonly loadMore = (): void => {
    this.pages += 1;
    this.reload();
  };

  /** Loads the list when the server has noticed a change of a request of this page. */
  reloadSoon(): void {
    if (this.isActive) this.reloadIn(LISTED_AFTER_MS);
  }

  protected activate(): void {
    this.stopListening = this.client().on('state', (state) => state === 'connected' && this.reload());
    this.reload();
  }

  protected deactivate(): void {
    this.load += 1;
    clearTimeout(this.timer);
    this.stopListening?.();
  }

  protected failed(error: StreamerError): void {
    this.change({ isLoading: false, error });
  }

  private async read(): Promise<Partial<RequestListView<Pick<Actions, Action>>>> {
    const requests: ListedRequest<Pick<Actions, Action>>[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < this.pages && (page === 0 || cursor !== undefined); page++) {
      const read = await this.client().requests<Action>({ ...this.listing, cursor });
      requests.push(...read.requests);
      cursor = read.cursor;
    }
    return { requests, hasMore: cursor !== undefined };
  }

  private loaded(load: number, change: Partial<RequestListView<Pick<Actions, Action>>>): void {
    if (load !== this.load) return;
    const next = { ...this.latest, ...change };
    if (JSON.stringify(next) !== JSON.stringify(this.latest)) this.change(change);
    if (change.error?.code === 'CLIENT_CLOSED') return;
    const isRunning = next.requests.some(({ status }) => !isEnded(status));
    this.reloadIn(isRunning ? this.refreshMs : IDLE_FACTOR * this.refreshMs);
  }

  private reloadIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (isHidden() ? this.reloadIn(ms) : this.reload()), ms);
  }
}
