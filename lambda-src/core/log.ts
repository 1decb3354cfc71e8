import { EVENTS } from '../../src/contract';
import { CONSTANTS, type Json, type JsonObject, type LogFrame, type WireError } from '../protocol';
import { isTerminal, type Outcome, type RequestItem } from './request';
import { absent, decode, eq, type Item, lt, or, type Put, type Shape, type Update } from './write';

/** An entry of a request's log, as it is in the events table. */
export type LogEntry = EventEntry | EndEntry;

interface EntryBase {
  readonly offset: number;
  readonly run: number;
  /** Number of the attempt within the run; 0 if the run ended without an attempt. */
  readonly attempt: number;
  /** Fence of the claim that wrote the entry, or of the latest claim before the end of the run; 0 if there was no claim. */
  readonly fence: number;
  /** Whether the entry was appended by code that may not have sent it to the viewers: the dispatcher sends it when it reads the end from the stream. */
  readonly toAnnounce?: boolean;
}

interface EventEntry extends EntryBase {
  readonly kind: 'event';
  readonly name: string;
  /** JSON string. */
  readonly data?: string;
}

interface EndEntry extends EntryBase {
  readonly kind: 'end';
  readonly outcome: Outcome;
}

/** An entry whose offset is not known yet. */
export type Draft = Omit<EventEntry, 'offset'> | Omit<EndEntry, 'offset'>;

/** Head of a request's log, with the last progress. */
export interface HeadItem {
  readonly run?: number;
  readonly attempt?: number;
  readonly fence?: number;
  readonly seq?: number;
  readonly afterOffset?: number;
  readonly percentage?: number;
  readonly message?: string;
  /** JSON string of an object. */
  readonly metadata?: string;
  /** Counts the viewers that have attached: a function that has seen another number must read the viewers again. */
  readonly viewersVersion?: number;
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
  toAnnounce: 'boolean?',
};
const EVENT: Shape<EventEntry> = { ...ENTRY, kind: 'string', name: 'string', data: 'string?' };
const END: Shape<EndEntry> = { ...ENTRY, kind: 'string', outcome: 'object' };
const HEAD: Shape<HeadItem> = {
  run: 'number?',
  attempt: 'number?',
  fence: 'number?',
  seq: 'number?',
  afterOffset: 'number?',
  percentage: 'number?',
  message: 'string?',
  metadata: 'string?',
  viewersVersion: 'number?',
};

/** @throws InvalidItem */
export function decodeEntry(item: Item): LogEntry {
  return item.kind === 'end' ? decode(item, 'terminal entry', END) : decode(item, 'event entry', EVENT);
}

/** Returns the head of a log, without attributes if it has not been written yet. @throws InvalidItem */
export const decodeHead = (item: Item = {}): HeadItem => decode(item, 'head of a log', HEAD);

export const entryAt = (offset: number, draft: Draft): LogEntry => ({ ...draft, offset });

/** Appends the next entry, only if its offset is still free: the loser of a race is stale, or reads the tail again. */
export function append(logKey: string, offset: number, draft: Draft, expiresAt: number): Put {
  return {
    kind: 'put',
    table: 'events',
    key: at(logKey, offset),
    attributes: { ...draft, expiresAt },
    when: absent(EVENTS.sortKey),
  };
}

/** The counters that an entry, a head or a frame takes from the request. */
export type Counters = Pick<RequestItem, 'run' | 'attempt' | 'fence'>;

export const countersOf = ({ run, attempt, fence }: Counters): Counters => ({ run, attempt, fence });

export const attemptMarker = (request: Counters): Draft => ({
  kind: 'event',
  ...countersOf(request),
  name: CONSTANTS.attemptEvent,
  data: JSON.stringify({ attempt: request.attempt, run: request.run }),
});

/** The terminal entry of the request's run, derived from the request itself. */
export function terminalDraft(request: RequestItem): Draft {
  if (!isTerminal(request.status) || request.outcome === undefined) {
    throw new RangeError(`a request that is ${request.status} has no terminal entry`);
  }
  return { kind: 'end', ...countersOf(request), outcome: request.outcome };
}

export const endsRun = (entry: LogEntry | undefined, run: number): boolean =>
  entry?.kind === 'end' && entry.run === run;

/** Takes the head for a new attempt, and deletes the progress of the previous one. */
export function takeHead(logKey: string, request: Counters, expiresAt: number): Update {
  return {
    kind: 'update',
    table: 'events',
    key: headKey(logKey),
    set: { ...countersOf(request), seq: 0, expiresAt },
    remove: ['percentage', 'message', 'metadata', 'afterOffset'],
    when: or(absent('fence'), lt('fence', request.fence)),
  };
}

export function writeHead(
  logKey: string,
  fence: number,
  progress: Progress & { readonly seq: number; readonly afterOffset: number },
  expiresAt: number,
): Update {
  const { metadata, ...rest } = progress;
  return {
    kind: 'update',
    table: 'events',
    key: headKey(logKey),
    set: { ...rest, metadata: metadata && JSON.stringify(metadata), expiresAt },
    when: eq('fence', fence),
  };
}

/** Records that a viewer has attached. */
export function announceViewer(logKey: string, expiresAt: number): Update {
  return { kind: 'update', table: 'events', key: headKey(logKey), set: { expiresAt }, add: { viewersVersion: 1 } };
}

export function storeInput(logKey: string, input: string, expiresAt: number): Put {
  return { kind: 'put', table: 'events', key: at(logKey, EVENTS.inputOffset), attributes: { body: input, expiresAt } };
}

export const inputKey = (logKey: string) => at(logKey, EVENTS.inputOffset);

export const letterKey = (logKey: string) => at(logKey, EVENTS.letterOffset);

/** Records that the dead letter of that run was sent. */
export function noteLetter(logKey: string, run: number, expiresAt: number): Put {
  return { kind: 'put', table: 'events', key: letterKey(logKey), attributes: { run, expiresAt } };
}

/** Offset of the result of a claim. Each claim has its own, so that a stale one cannot overwrite the result. */
export const bodyOffset = (fence: number): number => EVENTS.bodyOffset - fence;

export function storeBody(logKey: string, fence: number, body: string, expiresAt: number): Put {
  return { kind: 'put', table: 'events', key: at(logKey, bodyOffset(fence)), attributes: { body, expiresAt } };
}

export const bodyKey = (logKey: string, offset: number) => at(logKey, offset);

/** The entry as a frame for the client. `body` is the JSON string of a result that is stored in a separate item. */
export function toFrame(id: string, entry: LogEntry, body?: string): LogFrame {
  const base = { id, offset: entry.offset, run: entry.run };
  if (entry.kind === 'event') {
    const data = entry.data === undefined ? {} : { data: JSON.parse(entry.data) as Json };
    return { type: 'event', ...base, attempt: entry.attempt, fence: entry.fence, name: entry.name, ...data };
  }
  const { outcome } = entry;
  const attempt = entry.attempt > 0 ? { attempt: entry.attempt } : {};
  if (outcome.kind === 'error') {
    return { type: 'error', ...base, ...attempt, error: JSON.parse(outcome.error) as WireError };
  }
  const text = 'body' in outcome ? outcome.body : (body ?? 'null');
  return { type: 'result', ...base, ...attempt, result: JSON.parse(text) as Json };
}

/** The entries after the last gap in their offsets: time to live removes entries past their retention in any order. */
export function withoutHoles<Entry extends { readonly offset: number }>(entries: readonly Entry[]): readonly Entry[] {
  const start = entries.findLastIndex(({ offset }, at) => at > 0 && offset !== (entries[at - 1]?.offset ?? 0) + 1);
  return start < 0 ? entries : entries.slice(start);
}
