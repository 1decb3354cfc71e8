import { EVENTS } from '../../src/contract';
import { CONSTANTS, type Json, type JsonObject, type LogFrame, type WireError } from '../protocol';
import { bodyOf, isTerminal, type Outcome, type RequestItem, sliceOf } from './request';
import { absent, decode, eq, type Item, lt, lte, or, type Put, type Shape, type Update } from './write';

/** An entry of a request's log, as the events table stores it. */
export type LogEntry = EventEntry | EndEntry;

interface EntryBase {
  readonly offset: number;
  readonly run: number;
  /** Number of the attempt within the run; 0 if the run ended without an attempt. */
  readonly attempt: number;
  /**
   * Fence of the claim that wrote the entry. If the run was not ended by a claim's write, it is the fence of the latest claim, or 0 if there was no
   * claim.
   */
  readonly fence: number;
  /** Number of the slice, if it is not the first. */
  readonly slice?: number;
  /**
   * Whether the dispatcher must send the entry. It is set if the function that appended the entry may not have sent it to the viewers. The dispatcher
   * sends the entry when it reads the end of the run from the stream.
   */
  readonly toAnnounce?: boolean;
}

interface EventEntry extends EntryBase {
  readonly kind: 'event';
  readonly name: string;
  /** Data as a JSON string. */
  readonly data?: string;
}

interface EndEntry extends EntryBase {
  readonly kind: 'end';
  /** If the outcome is long, the entry only refers to the request, which contains it. A request with a result stays as it is until its retention ends. */
  readonly outcome: Outcome | { readonly kind: 'request' };
}

/** A log entry before its offset is known. */
export type Draft = Omit<EventEntry, 'offset'> | Omit<EndEntry, 'offset'>;

/** Head of a request's log. It contains the last progress. */
export interface HeadItem {
  readonly run?: number;
  readonly attempt?: number;
  readonly fence?: number;
  readonly slice?: number;
  readonly seq?: number;
  readonly afterOffset?: number;
  readonly percentage?: number;
  readonly message?: string;
  /** Metadata as a JSON string of an object. */
  readonly metadata?: string;
  /** Number of times that a viewer has attached. If a function sees a new number, it must read the viewers again. */
  readonly viewersVersion?: number;
  /** The latest run whose cancellation was requested. It is copied from the request, so that the attempt need not read the request. */
  readonly cancelledRun?: number;
  readonly cancelReason?: string;
  /** Number of messages in the request's inbox. */
  readonly messages?: number;
}

export interface Progress {
  readonly percentage?: number;
  readonly message?: string;
  readonly metadata?: JsonObject;
}

const at = (logKey: string, offset: number) => ({ [EVENTS.partitionKey]: logKey, [EVENTS.sortKey]: offset });

export const headKey = (logKey: string) => at(logKey, EVENTS.headOffset);

const ENTRY: Shape<EntryBase> = {
  offset: 'number',
  run: 'number',
  attempt: 'number',
  fence: 'number',
  slice: 'number?',
  toAnnounce: 'boolean?',
};
const EVENT: Shape<EventEntry> = { ...ENTRY, kind: 'string', name: 'string', data: 'string?' };
const END: Shape<EndEntry> = { ...ENTRY, kind: 'string', outcome: 'object' };
const HEAD: Shape<HeadItem> = {
  run: 'number?',
  attempt: 'number?',
  fence: 'number?',
  slice: 'number?',
  seq: 'number?',
  afterOffset: 'number?',
  percentage: 'number?',
  message: 'string?',
  metadata: 'string?',
  viewersVersion: 'number?',
  cancelledRun: 'number?',
  cancelReason: 'string?',
  messages: 'number?',
};

/** @throws InvalidItem if the item is not an entry */
export function decodeEntry(item: Item): LogEntry {
  return item.kind === 'end' ? decode(item, 'terminal entry', END) : decode(item, 'event entry', EVENT);
}

/** Returns the head of a log. A head that has not been written yet has no attributes. @throws InvalidItem if the item is not a head */
export const decodeHead = (item: Item = {}): HeadItem => decode(item, 'head of a log', HEAD);

export const entryAt = (offset: number, draft: Draft): LogEntry => ({ ...draft, offset });

/**
 * Creates the write that appends an entry, only if its offset is free. If another function has written that offset, the caller is stale or reads the
 * tail again.
 */
export function append(logKey: string, offset: number, draft: Draft, expiresAt: number): Put {
  return {
    kind: 'put',
    table: 'events',
    key: at(logKey, offset),
    attributes: { ...draft, expiresAt },
    when: absent(EVENTS.sortKey),
  };
}

/** The counters of a request that are copied to an entry, a head or a frame. */
export type Counters = Pick<RequestItem, 'run' | 'attempt' | 'fence'> & {
  /** Number of the slice, if it is not the first. */
  readonly slice?: number;
};

export const countersOf = ({
  run,
  attempt,
  fence,
  continued,
}: Pick<RequestItem, 'run' | 'attempt' | 'fence' | 'continued'>): Counters => ({
  run,
  attempt,
  fence,
  ...(continued !== undefined && { slice: sliceOf({ continued }) }),
});

type Counted = Parameters<typeof countersOf>[0];

export const attemptMarker = (request: Counted): Draft => ({
  kind: 'event',
  ...countersOf(request),
  name: CONSTANTS.attemptEvent,
  data: JSON.stringify({
    attempt: request.attempt,
    run: request.run,
    ...(request.continued !== undefined && { slice: sliceOf(request) }),
  }),
});

/** Returns the terminal entry of a request's run. The entry is derived from the request itself. */
export function terminalDraft(request: RequestItem): Draft {
  if (!isTerminal(request.status) || request.outcome === undefined) {
    throw new RangeError(`a request that is ${request.status} has no terminal entry`);
  }
  return {
    kind: 'end',
    ...countersOf(request),
    outcome: isLong(request.outcome) ? { kind: 'request' } : request.outcome,
  };
}

/** Maximum characters of a result that both the request and its terminal entry contain, because the size of an item adds to the cost of its write. */
const MAX_REPEATED_CHARS = 512;

const isLong = (outcome: Outcome): boolean =>
  outcome.kind === 'result' && 'body' in outcome && outcome.body.length > MAX_REPEATED_CHARS;

/**
 * Returns the outcome of a terminal entry.
 *
 * @param request the request after its end
 */
export function outcomeOf({ outcome }: EndEntry, request: Pick<RequestItem, 'outcome'>): Outcome {
  if (outcome.kind !== 'request') return outcome;
  if (request.outcome === undefined) throw new RangeError('the request has not ended');
  return request.outcome;
}

export const endsRun = (entry: LogEntry | undefined, run: number): boolean =>
  entry?.kind === 'end' && entry.run === run;

/**
 * Creates the write by which a new attempt takes over the head. The write also deletes the progress of the previous attempt. The first attempt of a
 * further slice keeps that progress, because the slice continues the work of the previous slice.
 */
export function takeHead(logKey: string, request: Counted, expiresAt: number): Update {
  const isNextSlice = request.continued !== undefined && request.attempt === 1;
  return {
    kind: 'update',
    table: 'events',
    key: headKey(logKey),
    set: { ...countersOf(request), seq: 0, expiresAt },
    remove: isNextSlice ? ['afterOffset'] : ['percentage', 'message', 'metadata', 'afterOffset'],
    when: or(absent('fence'), lt('fence', request.fence)),
  };
}

/** The last report of an attempt, with its number and the next offset of the log. */
export type LastProgress = Progress & { readonly seq: number; readonly afterOffset: number };

/** Creates the write that stores progress on the head. The first claim of a request takes the head with this write. */
export function writeHead(
  logKey: string,
  request: Counted,
  { metadata, ...rest }: LastProgress,
  expiresAt: number,
): Update {
  const { fence } = request;
  return {
    kind: 'update',
    table: 'events',
    key: headKey(logKey),
    set: {
      ...(fence === 1 && countersOf(request)),
      ...rest,
      metadata: metadata && JSON.stringify(metadata),
      expiresAt,
    },
    when: fence === 1 ? or(absent('fence'), eq('fence', fence)) : eq('fence', fence),
  };
}

/** Maximum characters of a report that is stored with the end of its run. The size of the request adds to the cost of each write. */
const MAX_LAST_PROGRESS_CHARS = 256;

/** Returns the last report of an attempt in the form in which the write that ends the run stores it; undefined if it is too large. */
export function lastProgressText(request: Counted, progress: LastProgress): string | undefined {
  const text = JSON.stringify({ ...countersOf(request), ...progress });
  return text.length <= MAX_LAST_PROGRESS_CHARS ? text : undefined;
}

/** Returns the head of a request's log with the last report, which the request itself may contain if its run has ended. */
export function headOf({ lastProgress }: Pick<RequestItem, 'lastProgress'>, item: Item | undefined): HeadItem {
  const head = decodeHead(item);
  if (lastProgress === undefined) return head;
  const { metadata, ...last } = JSON.parse(lastProgress) as LastProgress & Counters;
  if ((head.fence ?? 0) > last.fence) return head;
  return { ...head, ...last, ...(metadata && { metadata: JSON.stringify(metadata) }) };
}

/** Creates the write that records that a viewer has attached. */
export function announceViewer(logKey: string, expiresAt: number): Update {
  return { kind: 'update', table: 'events', key: headKey(logKey), set: { expiresAt }, add: { viewersVersion: 1 } };
}

/** Creates the write that notifies the attempt that the cancellation of its run was requested. */
export function hintCancel(logKey: string, { run, cancelReason }: RequestItem, expiresAt: number): Update {
  return {
    kind: 'update',
    table: 'events',
    key: headKey(logKey),
    set: { cancelledRun: run, cancelReason, expiresAt },
    ...(cancelReason === undefined && { remove: ['cancelReason'] }),
    when: or(absent('cancelledRun'), lte('cancelledRun', run)),
  };
}

export function storeInput(logKey: string, input: string, expiresAt: number): Put {
  return { kind: 'put', table: 'events', key: at(logKey, EVENTS.inputOffset), attributes: { body: input, expiresAt } };
}

export const inputKey = (logKey: string) => at(logKey, EVENTS.inputOffset);

export const letterKey = (logKey: string) => at(logKey, EVENTS.letterOffset);

/** Creates the write that records that a run's dead letter was sent. */
export function noteLetter(logKey: string, run: number, expiresAt: number): Put {
  return { kind: 'put', table: 'events', key: letterKey(logKey), attributes: { run, expiresAt } };
}

/** Offset of the result of a claim. Each claim has a different offset, so that a stale claim cannot overwrite the result. */
export const bodyOffset = (fence: number): number => EVENTS.bodyOffset - fence;

export function storeBody(logKey: string, fence: number, body: string, expiresAt: number): Put {
  return { kind: 'put', table: 'events', key: at(logKey, bodyOffset(fence)), attributes: { body, expiresAt } };
}

export const bodyKey = (logKey: string, offset: number) => at(logKey, offset);

/**
 * The entry as a frame for the client.
 *
 * @param request the request; if the entry is its terminal entry, the request after its end
 * @param body the JSON string of a value that is stored in a separate item
 */
export function toFrame(request: Pick<RequestItem, 'id' | 'outcome'>, entry: LogEntry, body?: string): LogFrame {
  const base = { id: request.id, offset: entry.offset, run: entry.run };
  if (entry.kind === 'event') {
    const data = entry.data === undefined ? {} : { data: JSON.parse(entry.data) as Json };
    const slice = entry.slice === undefined ? {} : { slice: entry.slice };
    return { type: 'event', ...base, attempt: entry.attempt, fence: entry.fence, ...slice, name: entry.name, ...data };
  }
  const outcome = outcomeOf(entry, request);
  const attempt = entry.attempt > 0 ? { attempt: entry.attempt } : {};
  const value = valueIn(outcome, body);
  if (outcome.kind === 'result') return { type: 'result', ...base, ...attempt, result: value ?? null };
  const error = JSON.parse(outcome.error) as WireError;
  return { type: 'error', ...base, ...attempt, error, ...(value !== undefined && { partial: value }) };
}

function valueIn(outcome: Outcome, text: string | undefined): Json | undefined {
  const stored = bodyOf(outcome);
  const body = stored && 'body' in stored ? stored.body : text;
  return body === undefined ? undefined : (JSON.parse(body) as Json);
}

/** Returns the entries after the last gap in their offsets. Gaps occur, because time to live removes expired entries in any order. */
export function withoutHoles<Entry extends { readonly offset: number }>(entries: readonly Entry[]): readonly Entry[] {
  const start = entries.findLastIndex(({ offset }, at) => at > 0 && offset !== (entries[at - 1]?.offset ?? 0) + 1);
  return start < 0 ? entries : entries.slice(start);
}
