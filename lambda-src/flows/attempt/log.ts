import {
  append,
  attemptMarker,
  type Draft,
  decodeHead,
  endsRun,
  entryAt,
  expiry,
  type HeadItem,
  headKey,
  type Item,
  type LastProgress,
  type LogEntry,
  logKey,
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
  /** The entry that marks the beginning of the attempt. It has not been sent yet. */
  readonly marker: LogEntry;
  /** The head after this attempt has taken it; undefined for the first claim of a request. */
  readonly head?: HeadItem;
}

/**
 * Takes over the log for the request's claim: it takes the head, and appends a marker.
 *
 * The first claim of a request only appends its marker, at offset 0: there is no log yet, and nobody from whom it would have to take the head. A later
 * claim first takes the head from the earlier attempt. The marker occupies the next offset, so the earlier attempt fails at its next append.
 *
 * @param onStale called once when this attempt notices that another attempt has taken the log
 * @throws StaleAttempt if a later claim has already taken the log
 */
export async function takeLog(deps: Deps, request: RequestItem, onStale: () => void): Promise<TakenLog> {
  const isFirst = request.fence === 1;
  const head = isFirst ? undefined : await takeHeadFor(deps, request);
  const marker = await appendMarker(deps, request, isFirst ? 0 : undefined);
  return { log: new AttemptLog(deps, request, marker.offset, onStale), marker, head };
}

async function takeHeadFor(deps: Deps, request: RequestItem): Promise<HeadItem> {
  const { applied, item } = await deps.store.write(takeHead(logKey(request), request, expiry(writeTimeOf(deps))));
  const head = decodeHead(item);
  // If the head has our own fence, our own earlier write took the head, but its response was lost.
  if (!applied && head.fence !== request.fence) throw new StaleAttempt();
  return head;
}

/**
 * Appends the claim's marker at the current tail. Only a later claim can prevent this.
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
 * Returns the next offset. @throws StaleAttempt if the log contains a later attempt or the end of this claim's run. That happens if Lambda suspended
 * this process until its lease expired
 */
async function nextOffset(deps: Deps, request: RequestItem): Promise<number> {
  const tail = await tailOf(deps, logKey(request));
  if (tail && (tail.fence > request.fence || endsRun(tail, request.run))) throw new StaleAttempt();
  return (tail?.offset ?? -1) + 1;
}

/** The entries and the head of a request's log, while one attempt owns the log. Its methods must be called inside `exclusive`. */
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

  /** Whether this attempt has noticed that another attempt has taken the log. */
  public get stale(): boolean {
    return this.taken;
  }

  /** Offset of the next entry. */
  public get next(): number {
    return this.tail + 1;
  }

  /** Number of events of all attempts. The markers of claims and the ends of earlier runs are also entries, but they are not counted. */
  public get eventCount(): number {
    const { fence, run } = this.request;
    return this.next - fence - (run - 1);
  }

  /** Runs one task at a time, in the order of the calls. If a task fails, the following tasks still run. */
  public exclusive<T>(task: () => Promise<T>): Promise<T> {
    const result = this.last.then(task);
    this.last = result.catch(() => undefined);
    return result;
  }

  /** Appends an entry. @throws StaleAttempt if another attempt, or the end of the run, has taken the offset */
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
   * @throws StaleAttempt if another attempt has taken the head
   */
  public async writeHead(progress: LastProgress): Promise<HeadItem> {
    const { applied, item } = await this.deps.store.write(
      writeHead(this.key, this.request, progress, this.expiresAt()),
    );
    if (!applied) this.becomeStale();
    return decodeHead(item);
  }

  /**
   * Reads the head. The read is eventually consistent, so it may return the head as it was before this attempt has taken it.
   *
   * @throws StaleAttempt if another attempt has taken the head
   */
  public async readHead(): Promise<HeadItem> {
    const head = decodeHead(await this.deps.store.get('events', headKey(this.key), 'eventual'));
    if ((head.fence ?? 0) > this.request.fence) this.becomeStale();
    return head;
  }

  /**
   * Whether this attempt wrote the entry at the expected offset: its write seemed to fail, but was applied. A terminal entry with the same fence
   * does not count, because another function wrote it.
   */
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
