import type { Clock, LogSink, StreamReader, StreamRecord } from '../emulator/types';
import type { Item } from './dynamo';
import type { ProgressReport } from './frame-kind';
import { ownerKey } from './frame-log';
import { RequestHistory } from './request-history';
import { StreamFollower } from './stream-follower';
import { errorOf, isRequest, isTerminal, type RequestItem } from './streamer-format';
import type { Failure, RequestView, Transition } from './types';
import { type AttributeMap, plainItem } from './unmarshall';

/**
 * Maximum number of requests in memory; the oldest are discarded first. The page shows this number and the total
 * number.
 */
export const MAX_REQUESTS = 5000;

type ApiTables = Pick<TrackedRequest, 'requestsTable' | 'eventsTable'>;

export interface TrackedRequest {
  readonly eventsTable: string;
  readonly requestsTable: string;
  item: RequestItem;
  readonly transitions: readonly Transition[];
  progress?: ProgressReport;
}

/**
 * The requests of the run. The index first reads the requests in the table, and then follows the table's stream. A
 * table does not contain the times when a request began to wait, ran or ended. The stream and the history contain these
 * times.
 */
export class RequestIndex {
  private readonly requests = new Map<string, TrackedRequest>();
  /** Keys of the requests by owner and request id. */
  private readonly keys = new Map<string, string>();
  /** Keys by request id. Several users may have chosen the same id. */
  private readonly byId = new Map<string, Set<string>>();
  private readonly changed = new Set<string>();
  private seenCount = 0;
  private closed = false;
  private readonly stops: (() => void)[] = [];

  public constructor(
    private readonly clock: Clock,
    private readonly log: LogSink,
    private readonly history = new RequestHistory(),
  ) {}

  /**
   * Adds the requests of a table and follows its stream.
   *
   * @param stored reads the existing items of the table. @default - there are no items
   */
  public follow(reader: StreamReader, tables: ApiTables, stored: () => AsyncIterable<Item> | Item[] = () => []): void {
    const follower = new StreamFollower(reader, (record, writtenAt) => this.apply(record, tables, writtenAt));
    const read = () => {
      follower.read().catch((error: Error) => this.warn('requests cannot be followed', error));
    };
    const begin = () => {
      if (this.closed) return;
      this.stops.push(reader.onRecords(read));
      read();
    };
    this.takeStored(stored(), tables)
      .catch((error: Error) => this.warn('requests of earlier runs cannot be read', error))
      .then(begin);
  }

  private warn(what: string, error: Error): void {
    if (!this.closed) this.log({ source: 'console', level: 'warn', message: `${what}: ${error.message}` });
  }

  public get(key: string): TrackedRequest | undefined {
    return this.requests.get(key);
  }

  /** All requests, the newest last. */
  public all(): TrackedRequest[] {
    return [...this.requests.values()];
  }

  /**
   * Number of requests that were in the table since the start of the run. The number includes discarded requests and
   * requests of earlier runs.
   */
  public get seen(): number {
    return this.seenCount;
  }

  /** Marks the requests with this id as changed, because data outside their table has changed. */
  public touch(id: string): void {
    for (const key of this.byId.get(id) ?? []) this.note(key);
  }

  /**
   * Records the key of a changed request. While no page is open, nothing reads the keys, so the oldest keys are
   * discarded. A new page starts with a snapshot, so it does not need the discarded keys.
   */
  private note(key: string): void {
    this.changed.add(key);
    if (this.changed.size > 2 * MAX_REQUESTS) this.changed.delete(this.changed.values().next().value as string);
  }

  /**
   * Returns the keys of the requests that have changed since the last call. If the index has no request for a key, the
   * request was removed.
   */
  public takeChanged(): string[] {
    const keys = [...this.changed];
    this.changed.clear();
    return keys;
  }

  /** Sets the progress, unless a later report has already arrived. Reports may arrive in any order. */
  public setProgress(key: string, progress: ProgressReport): void {
    const tracked = this.requests.get(key);
    if (!tracked || isTerminal(tracked.item.status)) return;
    const { fence = 0, seq = -1 } = tracked.progress ?? {};
    if (progress.fence < fence || (progress.fence === fence && progress.seq <= seq)) return;
    tracked.progress = progress;
    this.note(key);
  }

  /** Sets the progress as {@link setProgress} does, for the request with this owner and id. */
  public reported(owner: string, id: string, progress: ProgressReport): void {
    this.setProgress(this.keys.get(`${owner} ${id}`) ?? '', progress);
  }

  public close(): void {
    this.closed = true;
    for (const stop of this.stops.splice(0)) stop();
  }

  private async takeStored(items: AsyncIterable<Item> | Item[], tables: ApiTables): Promise<void> {
    const stored: RequestItem[] = [];
    for await (const item of items) if (isRequest(item)) stored.push(withoutBodies(item));
    stored.sort((a, b) => a.createdAt - b.createdAt);
    for (const item of stored) {
      this.put(item.requestKey, item, tables);
      // for any other status, only the history may contain the time
      if (isAccepted(item)) this.history.note(item.requestKey, item.epoch, transition(item, item.createdAt));
    }
  }

  private apply({ dynamodb }: StreamRecord, tables: ApiTables, writtenAt = this.clock.now()): void {
    const key = String(plainItem(dynamodb.Keys as AttributeMap).requestKey);
    this.note(key);
    const item = dynamodb.NewImage && plainItem(dynamodb.NewImage as AttributeMap);
    const request = item && isRequest(item) ? withoutBodies(item) : undefined;
    if (request) this.put(key, request, tables);
    else this.forget(key);
    if (request)
      this.history.note(key, request.epoch, transition(request, isAccepted(request) ? request.createdAt : writtenAt));
  }

  private put(key: string, item: RequestItem, tables: ApiTables): void {
    const known = this.requests.get(key);
    const same = known?.item.epoch === item.epoch ? known : undefined;
    const tracked = same ?? { ...tables, item, transitions: this.history.of(key, item.epoch) };
    // an attempt begins without progress
    if (tracked.item.fence !== item.fence) tracked.progress = undefined;
    tracked.item = item;
    if (!same) {
      this.requests.delete(key);
      this.seenCount++;
    }
    this.requests.set(key, tracked);
    this.byId.set(item.id, (this.byId.get(item.id) ?? new Set()).add(key));
    this.keys.set(ownId(item), key);
    if (this.requests.size > MAX_REQUESTS) this.forgetFirst();
  }

  private forgetFirst(): void {
    const first = this.requests.keys().next().value as string;
    this.forget(first);
    this.note(first);
  }

  private forget(key: string): void {
    const tracked = this.requests.get(key);
    this.requests.delete(key);
    this.history.forget(key);
    if (!tracked) return;
    this.keys.delete(ownId(tracked.item));
    const others = this.byId.get(tracked.item.id);
    others?.delete(key);
    if (others?.size === 0) this.byId.delete(tracked.item.id);
  }
}

/** Whether the request was accepted and nothing else has happened to it. */
const isAccepted = ({ fence, status }: RequestItem): boolean => fence === 0 && status === 'PENDING';

function transition({ status, attempt, run, notBefore }: RequestItem, at: number): Transition {
  return { at, status, attempt, run, ...(status === 'PENDING' && { notBefore }) };
}

const ownId = ({ tenant, user, id }: RequestItem): string => `${ownerKey(tenant, user)} ${id}`;

/** Removes the input and the result, which may be large. Both are read when the page shows them. */
function withoutBodies({ input: _input, outcome, ...rest }: RequestItem): RequestItem {
  return { ...rest, ...(outcome?.kind === 'error' && { outcome }) };
}

export function requestView(
  { item, transitions, progress: report }: TrackedRequest,
  failures: readonly Failure[] = [],
): RequestView {
  const progress = report && { percentage: report.percentage, message: report.message };
  const ended = isTerminal(item.status) ? transitions.findLast(({ status }) => status === item.status) : undefined;
  return {
    key: item.requestKey,
    id: item.id,
    action: item.action,
    tenant: item.tenant,
    user: item.user,
    status: item.status,
    createdAt: item.createdAt,
    startedAt: transitions.find(({ status }) => status === 'RUNNING')?.at,
    endedAt: ended?.at,
    attempt: item.attempt,
    maxAttempts: item.maxAttempts,
    run: item.run,
    notBefore: item.status === 'PENDING' ? item.notBefore : undefined,
    priority: item.priority,
    progress: item.status === 'COMPLETED' ? { ...progress, percentage: 100 } : progress,
    error: errorOf(item.outcome),
    isDead: item.status === 'FAILED' && item.outcome?.kind === 'error' && item.outcome.deadLetter === true,
    failure: item.status === 'COMPLETED' ? undefined : failures.at(-1),
  };
}
