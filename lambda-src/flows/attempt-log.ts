import type { Item } from '../core/condition';
import { logKey } from '../core/keys';
import {
  append,
  asEntry,
  asHead,
  attemptMarker,
  type Draft,
  endsRun,
  headKey,
  type LogEntry,
  type Progress,
  takeHead,
  writeHead,
} from '../core/log';
import type { RequestItem } from '../core/request';
import { expiry } from '../core/transitions';
import { momentOf } from './moment';
import type { Deps } from './ports';
import { tailOf } from './terminal';

/** This attempt no longer owns the log. */
export class StaleAttempt extends Error {
  public override readonly name = 'StaleAttempt';
}

export interface TakenLog {
  readonly log: AttemptLog;
  /** The entry with which the attempt begins, not sent to anybody yet. */
  readonly marker: LogEntry;
  /** The viewers that had come when the head was taken. */
  readonly viewersVersion: number;
}

/**
 * Takes the log for the request's claim: its head first, then a marker at the tail.
 *
 * From then on any earlier attempt collides at its next append, because the marker took that offset.
 *
 * @param onStale called once when another attempt is seen to have taken the log
 * @throws StaleAttempt when a later claim has taken it already
 */
export async function takeLog(deps: Deps, request: RequestItem, onStale: () => void): Promise<TakenLog> {
  const head = await deps.store.write(takeHead(logKey(request), request.fence, expiry(momentOf(deps))));
  // a head that shows our own fence was taken by a write of ours whose answer was lost
  if (!head.applied && asHead(head.item).fence !== request.fence) throw new StaleAttempt();
  const marker = await appendMarker(deps, request, expiry(momentOf(deps)));
  const log = new AttemptLog(deps, request, marker.offset, onStale);
  return { log, marker, viewersVersion: asHead(head.item).viewersVersion ?? 0 };
}

/** The claim's own marker is appended at whatever the tail is: only a later claim may stop it. */
async function appendMarker(deps: Deps, request: RequestItem, expiresAt: number): Promise<LogEntry> {
  const log = logKey(request);
  const draft = attemptMarker(request);
  for (;;) {
    const tail = await tailOf(deps, log);
    // a claim that slept until its lease was taken back may find a later attempt, or the end of its own run
    if (tail && (tail.attempt > request.fence || endsRun(tail, request.run))) throw new StaleAttempt();
    const offset = (tail?.offset ?? -1) + 1;
    const { applied } = await deps.store.write(append(log, offset, draft, expiresAt));
    if (applied) return asEntry({ ...draft, offset });
  }
}

/** The entries and the head of a request's log while one attempt owns them. Its owner makes one call at a time. */
export class AttemptLog {
  private taken = false;
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

  /** Whether another attempt was seen to have taken the log. */
  public get stale(): boolean {
    return this.taken;
  }

  /** Offset of the entry that comes next. */
  public get next(): number {
    return this.tail + 1;
  }

  /** Events of all attempts: each claim has put a marker of its own among the entries. */
  public get eventCount(): number {
    return this.next - this.request.fence;
  }

  /** @throws StaleAttempt when another attempt, or the end of the run, has the place */
  public async append(draft: Draft): Promise<LogEntry> {
    for (;;) {
      if (this.taken) throw new StaleAttempt();
      const { applied, item } = await this.deps.store.write(append(this.key, this.next, draft, this.expiresAt()));
      if (!applied && !this.isOurs(item)) this.becomeStale();
      this.tail += 1;
      if (applied) return asEntry({ ...draft, offset: this.tail });
    }
  }

  /**
   * Stores progress on the head.
   *
   * @returns the viewers that have come by now
   * @throws StaleAttempt when another attempt has the head
   */
  public async writeHead(progress: Progress & { readonly seq: number; readonly afterOffset: number }): Promise<number> {
    const { applied, item } = await this.deps.store.write(
      writeHead(this.key, this.request.fence, progress, this.expiresAt()),
    );
    if (!applied) this.becomeStale();
    return asHead(item).viewersVersion ?? 0;
  }

  /**
   * @returns the viewers that have come by now
   * @throws StaleAttempt when another attempt has the head
   */
  public async readHead(): Promise<number> {
    const head = asHead(await this.deps.store.get('events', headKey(this.key)));
    if (head.fence !== this.request.fence) this.becomeStale();
    return head.viewersVersion ?? 0;
  }

  /** An event of this attempt is one whose write seemed to fail; the end of its run was written by somebody else. */
  private isOurs(item: Item | undefined): boolean {
    return item?.kind === 'event' && item.attempt === this.request.fence;
  }

  private becomeStale(): never {
    if (!this.taken) this.onStale();
    this.taken = true;
    throw new StaleAttempt();
  }

  private expiresAt(): number {
    return expiry(momentOf(this.deps));
  }
}
