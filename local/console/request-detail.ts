import { EVENTS, REQUESTS } from '../../src/contract';
import type { Queue } from '../emulator/sqs';
import type { Dynamo, Item } from './dynamo';
import type { Failures } from './failures';
import type { FrameLog } from './frame-log';
import { deadLetterOf } from './queues';
import { requestView, type TrackedRequest } from './request-index';
import { fromText, isRequest, logKeyOf, type Outcome, type RequestItem } from './streamer-format';
import type { FrameView, Json, LogEntryView, RequestDetail } from './types';

/** Maximum number of log entries that are shown. If there are more, the last entries are shown. */
const MAX_ENTRIES = 500;

export interface DetailSources {
  readonly dynamo: Dynamo;
  readonly frames: FrameLog;
  readonly failures: Pick<Failures, 'of'>;
  /** Returns the dead-letter queues of an action. */
  deadLetterQueues(action: string): readonly Queue[];
}

/** Reads all data of one request: its items in the tables and its recorded events. */
export async function requestDetail(tracked: TrackedRequest, sources: DetailSources): Promise<RequestDetail> {
  const { dynamo } = sources;
  const stored = await dynamo.get(tracked.requestsTable, { [REQUESTS.partitionKey]: { S: tracked.item.requestKey } });
  const item = stored && isRequest(stored) ? stored : tracked.item;
  const log = new RequestLog(dynamo, tracked.eventsTable, item);
  const [head, input, result, entries] = await Promise.all([
    log.item(EVENTS.headOffset),
    inputOf(item, log),
    resultOf(item.outcome, log),
    log.entries(),
  ]);
  const frames = sources.frames.framesOfRequest(item.tenant, item.user, item.id);
  const failures = sources.failures.of(item.id, item.action);
  return {
    request: requestView(tracked, failures),
    failures,
    attempts: item.attempts ?? [],
    transitions: tracked.transitions,
    entries: entries.map((entry) => entryView(entry, frames)),
    skipped: Number(entries[0]?.[EVENTS.sortKey] ?? 0),
    progress: progressOf(item, head),
    input: fromText(input),
    result: fromText(result),
    error: item.outcome?.kind === 'error' ? fromText(item.outcome.error) : undefined,
    leaseUntil: item.leaseUntil,
    expiresAt: item.expiresAt === undefined ? undefined : item.expiresAt * 1000,
    epoch: item.epoch,
    frames,
    deadLetter: deadLetterOf(sources.deadLetterQueues(item.action), item.requestKey),
  };
}

/** Reads the items of one request from the events table. */
class RequestLog {
  private readonly logKey: string;

  public constructor(
    private readonly dynamo: Dynamo,
    private readonly tableName: string,
    item: RequestItem,
  ) {
    this.logKey = logKeyOf(item);
  }

  public item(offset: number): Promise<Item | undefined> {
    const key = { [EVENTS.partitionKey]: { S: this.logKey }, [EVENTS.sortKey]: { N: String(offset) } };
    return this.dynamo.get(this.tableName, key);
  }

  /** Returns the entries in order. If the log is long, it returns only the last entries. */
  public async entries(): Promise<Item[]> {
    const { items } = await this.dynamo.query(
      { tableName: this.tableName, limit: MAX_ENTRIES },
      { name: EVENTS.partitionKey, value: { S: this.logKey } },
      { name: EVENTS.sortKey, min: 0, backwards: true },
    );
    return items.reverse();
  }
}

async function inputOf(item: RequestItem, log: RequestLog): Promise<unknown> {
  return item.input ?? (await log.item(EVENTS.inputOffset))?.body;
}

async function resultOf(outcome: Outcome | undefined, log: RequestLog): Promise<unknown> {
  if (outcome?.kind !== 'result') return undefined;
  return 'body' in outcome ? outcome.body : (await log.item(outcome.bodyAt))?.body;
}

/** Returns the last report. If the run has ended, the request itself may contain the report, with the fence of its attempt. */
function progressOf({ lastProgress }: RequestItem, head: Item | undefined): RequestDetail['progress'] {
  const last = fromText(lastProgress) as Item | undefined;
  const report = last && Number(head?.fence ?? 0) <= Number(last.fence) ? last : head;
  if (!report) return undefined;
  const { percentage, message, metadata } = report;
  return {
    percentage: typeof percentage === 'number' ? percentage : undefined,
    message: typeof message === 'string' ? message : undefined,
    metadata: typeof metadata === 'string' ? fromText(metadata) : (metadata as Json | undefined),
  };
}

function entryView(entry: Item, frames: readonly FrameView[]): LogEntryView {
  const { offset, run, attempt, kind, name, data, outcome } = entry;
  const sent = frames.find((frame) => frame.direction === 'out' && frame.type !== 'ack' && frame.offset === offset);
  return {
    offset: Number(offset),
    run: Number(run),
    attempt: Number(attempt),
    name: kind === 'end' ? 'end' : String(name),
    data: kind === 'end' ? outcome : fromText(data),
    sentAt: sent?.at,
  };
}
