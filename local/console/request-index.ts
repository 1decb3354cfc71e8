import type { Clock, LogSink, StreamReader, StreamRecord } from '../emulator/types';
import type { Item } from './dynamo';
import type { ProgressReport } from './frame-kind';
import { ownerKey } from './frame-log';
import { StreamFollower } from './stream-follower';
import { asRequest, errorOf, isRequest, isTerminal, type RequestItem } from './streamer-format';
import type { Failure, RequestView, Transition } from './types';
import { type AttributeMap, plainItem } from './unmarshall';

/** Maximum number of requests in memory; the oldest are discarded first. The page shows this number, and the total. */
export const MAX_REQUESTS = 5000;
const MAX_TRANSITIONS = 200;

export interface TrackedRequest {
  readonly eventsTable: string;
  readonly requestsTable: string;
  item: RequestItem;
  readonly transitions: Transition[];
  progress?: ProgressReport;
}

/**
 * The requests of the run, followed by the stream of their table: the items of a table do not show when a request
 * began to wait, ran or ended, and its changes do.
 */
export class RequestIndex {
  private readonly requests = new Map<string, TrackedRequest>();
  /** Keys of the requests by whose they are and their id. */
  private readonly keys = new Map<string, string>();
  /** Keys by request id; several users may have chosen the same id. */
  private readonly byId = new Map<string, Set<string>>();
  private readonly changed = new Set<string>();
  private seenCount = 0;
  private readonly stops: (() => void)[] = [];

  public constructor(
    private readonly clock: Clock,
    private readonly log: LogSink,
  ) {}

  public follow(reader: StreamReader, tables: { readonly requestsTable: string; readonly eventsTable: string }): void {
    const follower = new StreamFollower(reader, (record) => this.apply(record, tables));
    const read = () => {
      follower.read().catch((error: Error) => {
        this.log({ source: 'console', level: 'warn', message: `requests cannot be followed: ${error.message}` });
      });
    };
    this.stops.push(reader.onRecords(read));
    read();
  }

  public get(key: string): TrackedRequest | undefined {
    return this.requests.get(key);
  }

  /** The newest last. */
  public all(): TrackedRequest[] {
    return [...this.requests.values()];
  }

  /** Number of requests since the run started, including discarded ones. */
  public get seen(): number {
    return this.seenCount;
  }

  /** Records that the requests with that id have changed outside their table. */
  public touch(id: string): void {
    for (const key of this.byId.get(id) ?? []) this.note(key);
  }

  /** Limits the keys while no page is open to take them: the oldest are discarded, and a page starts with a snapshot. */
  private note(key: string): void {
    this.changed.add(key);
    if (this.changed.size > 2 * MAX_REQUESTS) this.changed.delete(this.changed.values().next().value as string);
  }

  /** Keys that changed since the last call, and are gone where the index has them no more. */
  public takeChanged(): string[] {
    const keys = [...this.changed];
    this.changed.clear();
    return keys;
  }

  /** The latest report counts, in whatever order they come. */
  public setProgress(key: string, progress: ProgressReport): void {
    const tracked = this.requests.get(key);
    if (!tracked || isTerminal(tracked.item.status)) return;
    const { fence = 0, seq = -1 } = tracked.progress ?? {};
    if (progress.fence < fence || (progress.fence === fence && progress.seq <= seq)) return;
    tracked.progress = progress;
    this.note(key);
  }

  /** As {@link setProgress}, by whose request it is. */
  public reported(owner: string, id: string, progress: ProgressReport): void {
    this.setProgress(this.keys.get(`${owner} ${id}`) ?? '', progress);
  }

  public close(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  private apply({ dynamodb }: StreamRecord, tables: { requestsTable: string; eventsTable: string }): void {
    const key = String(plainItem(dynamodb.Keys as AttributeMap).requestKey);
    this.note(key);
    const item = dynamodb.NewImage && plainItem(dynamodb.NewImage as AttributeMap);
    if (item && isRequest(item)) this.put(key, withoutBodies(item), tables);
    else this.forget(key);
  }

  private put(key: string, item: RequestItem, tables: { requestsTable: string; eventsTable: string }): void {
    const known = this.requests.get(key);
    const same = known?.item.epoch === item.epoch ? known : undefined;
    const tracked = same ?? { ...tables, item, transitions: [] };
    // an attempt begins without progress
    if (tracked.item.fence !== item.fence) tracked.progress = undefined;
    tracked.item = item;
    note(tracked.transitions, this.transition(item));
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
    if (!tracked) return;
    this.keys.delete(ownId(tracked.item));
    const others = this.byId.get(tracked.item.id);
    others?.delete(key);
    if (others?.size === 0) this.byId.delete(tracked.item.id);
  }

  private transition({ status, fence, attempt, run, notBefore, createdAt }: RequestItem): Transition {
    const at = fence === 0 && status === 'PENDING' ? createdAt : this.clock.now();
    return { at, status, attempt, run, ...(status === 'PENDING' && { notBefore }) };
  }
}

const ownId = ({ tenant, user, id }: RequestItem): string => `${ownerKey(tenant, user)} ${id}`;

/** Renewals of a lease are no news. */
function note(transitions: Transition[], next: Transition): void {
  const last = transitions.at(-1);
  if (last && last.status === next.status && last.attempt === next.attempt && last.run === next.run) return;
  transitions.push(next);
  if (transitions.length > MAX_TRANSITIONS) transitions.splice(1, 1);
}

/** Input and result may be large, so they are read when the page shows them. */
function withoutBodies(item: Item): RequestItem {
  const { input: _input, outcome, ...rest } = asRequest(item);
  return { ...rest, outcome: outcome && { kind: outcome.kind, error: outcome.error } };
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
    progress: item.status === 'COMPLETED' ? { ...progress, percentage: 100 } : progress,
    error: errorOf(item.outcome),
    failure: item.status === 'COMPLETED' ? undefined : failures.at(-1),
  };
}
