import {
  append,
  attemptMarker,
  type Draft,
  decodeHead,
  endsRun,
  entryAt,
  expiry,
  headKey,
  type Item,
  type LogEntry,
  logKey,
  type Progress,
  type RequestItem,
  takeHead,
  writeHead,
} from '../../core';
import { tailOf } from '../log/read-log';
import { type Deps, writeTimeOf } from '../ports';

/** Error: this attempt no longer owns the log. */
export class StaleAttempt extends Error {
  public override readonly name = 'StaleAttempt';
}

export interface TakenLog {
  readonly log: AttemptLog;
  /** The entry that marks the beginning of the attempt, which has not been sent yet. */
  readonly marker: LogEntry;
  /** Version of the viewers at the time when the head was taken. */
  readonly viewersVersion: number;
}

/**
 * Takes over the log for the request's claim: its head, and a marker at the tail.
 *
 * The first claim of a request finds no log, so it writes both concurrently; a later claim first takes the head from the earlier attempt. From then on any
 * earlier attempt collides at its next append, because the marker took that offset.
 *
 * @param onStale called once when another attempt is seen to have taken the log
 * @throws StaleAttempt if a later claim has already taken the log
 */
export async function takeLog(deps: Deps, request: RequestItem, onStale: () => void): Promise<TakenLog> {
  const isFirst = request.fence === 1;
  const taking = takeHeadFor(deps, request);
  if (!isFirst) await taking;
  const [viewersVersion, marker] = await both(taking, appendMarker(deps, request, isFirst ? 0 : undefined));
  return { log: new AttemptLog(deps, request, marker.offset, onStale), marker, viewersVersion };
}

/** Waits for both writes, even if one fails: nothing may be written for an attempt after it was given up. */
async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}

/** @returns the version of the viewers */
async function takeHeadFor(deps: Deps, request: RequestItem): Promise<number> {
  const { applied, item } = await deps.store.write(takeHead(logKey(request), request, expiry(writeTimeOf(deps))));
  const head = decodeHead(item);
  // a head with our own fence was taken by our own write, whose answer was lost
  if (!applied && head.fence !== request.fence) throw new StaleAttempt();
  return head.viewersVersion ?? 0;
}

/**
 * Appends the claim's own marker at the current tail; only a later claim may prevent it.
 *
 * @param expected the next offset, if it is known without a read
 */
async function appendMarker(deps: Deps, request: RequestItem, expected: number | undefined): Promise<LogEntry> {
  const log = logKey(request);
  const draft = attemptMarker(request);
  for (let offset = expected; ; offset = undefined) {
    offset ??= await nextOffset(deps, request);
    const { applied } = await deps.store.write(append(log, offset, draft, expiry(writeTimeOf(deps))));
    if (applied) return entryAt(offset, draft);
  }
}

/**
 * @throws StaleAttempt if the log contains a later attempt or the end of this claim's run, because this process was suspended until its
 * lease expired
 */
async function nextOffset(deps: Deps, request: RequestItem): Promise<number> {
  const tail = await tailOf(deps, logKey(request));
  if (tail && (tail.fence > request.fence || endsRun(tail, request.run))) throw new StaleAttempt();
  return (tail?.offset ?? -1) + 1;
}

/** The entries and the head of a request's log while one attempt owns them. Reads and writes are made inside `exclusive`. */
export class AttemptLog {
  private taken = false;
  private last: Promise<unknown> = Promise.resolve();
  private readonly key: string;

  /** @param tail offset of the attempt's marker */
  public constructor(
    private readonly deps: Deps,
    private readonly request: RequestItem,
    private tail: number,
    private readonly onStale: () => void,
  ) {
    this.key = logKey(request);
  }

  /** Whether another attempt is known to have taken the log. */
  public get stale(): boolean {
    return this.taken;
  }

  /** Offset of the entry that comes next. */
  public get next(): number {
    return this.tail + 1;
  }

  /** Events of all attempts. The log also holds a marker for each claim, and the end of each earlier run. */
  public get eventCount(): number {
    const { fence, run } = this.request;
    return this.next - fence - (run - 1);
  }

  /** Runs one task at a time, in the order of the calls. A task that fails does not stop the ones that follow. */
  public exclusive<T>(task: () => Promise<T>): Promise<T> {
    const result = this.last.then(task);
    this.last = result.catch(() => undefined);
    return result;
  }

  /** @throws StaleAttempt if another attempt, or the end of the run, has taken the offset */
  public async append(draft: Draft): Promise<LogEntry> {
    for (;;) {
      if (this.taken) throw new StaleAttempt();
      const { applied, item } = await this.deps.store.write(append(this.key, this.next, draft, this.expiresAt()));
      if (!applied && !this.isOurs(item)) this.becomeStale();
      this.tail += 1;
      if (applied) return entryAt(this.tail, draft);
    }
  }

  /**
   * Stores progress on the head.
   *
   * @returns the version of the viewers
   * @throws StaleAttempt if another attempt has taken the head
   */
  public async writeHead(progress: Progress & { readonly seq: number; readonly afterOffset: number }): Promise<number> {
    const { applied, item } = await this.deps.store.write(
      writeHead(this.key, this.request.fence, progress, this.expiresAt()),
    );
    if (!applied) this.becomeStale();
    return decodeHead(item).viewersVersion ?? 0;
  }

  /**
   * @returns the version of the viewers
   * @throws StaleAttempt if another attempt has taken the head
   */
  public async readHead(): Promise<number> {
    const head = decodeHead(await this.deps.store.get('events', headKey(this.key)));
    if (head.fence !== this.request.fence) this.becomeStale();
    return head.viewersVersion ?? 0;
  }

  /** An event of this attempt belongs to a write that seemed to fail; another function wrote the end of its run. */
  private isOurs(item: Item | undefined): boolean {
    return item?.kind === 'event' && item.fence === this.request.fence;
  }

  private becomeStale(): never {
    if (!this.taken) this.onStale();
    this.taken = true;
    throw new StaleAttempt();
  }

  private expiresAt(): number {
    return expiry(writeTimeOf(this.deps));
  }
}
