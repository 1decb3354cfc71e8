import {
  bodyKey,
  bodyOf,
  decodeEntry,
  decodeRequest,
  type HeadItem,
  headKey,
  headOf,
  isTerminal,
  type LogEntry,
  logKey,
  outcomeOf,
  type Progress,
  type RequestItem,
  requestItemKey,
  toFrame,
  withoutHoles,
} from '../../core';
import { exceedsBytes, type JsonObject, type ProgressFrame } from '../../protocol';
import type { Deps } from '../ports';

/** Returns the last entry of a log. */
export async function tailOf(deps: Pick<Deps, 'store'>, log: string): Promise<LogEntry | undefined> {
  const [last] = await deps.store.query({ table: 'events', partition: log, from: 0, newestFirst: true, limit: 1 });
  return last && decodeEntry(last);
}

/**
 * The entry as a frame. A long value of the handler is read from its item.
 *
 * @param body the JSON string of the body, if the caller already has it
 */
export async function frameOf(deps: Pick<Deps, 'store'>, request: RequestItem, entry: LogEntry, body?: string) {
  if (entry.kind === 'event' || body !== undefined) return toFrame(request, entry, body);
  const ended = entry.outcome.kind === 'request' ? await afterEnd(deps, request) : request;
  const stored = bodyOf(outcomeOf(entry, ended));
  if (!stored || !('bodyAt' in stored)) return toFrame(ended, entry);
  const item = await deps.store.get('events', bodyKey(logKey(request), stored.bodyAt));
  return toFrame(ended, entry, item?.body as string | undefined);
}

/** Returns the request after the end of its run. If it was read before its end, it is read again. */
export async function afterEnd(deps: Pick<Deps, 'store'>, request: RequestItem): Promise<RequestItem> {
  if (isTerminal(request.status)) return request;
  const item = await deps.store.get('requests', requestItemKey(request.requestKey));
  return item ? decodeRequest(item) : request;
}

/** Returns the last stored progress of a request as a frame. */
export async function lastProgress(
  deps: Pick<Deps, 'store'>,
  request: RequestItem,
): Promise<ProgressFrame | undefined> {
  const head = headOf(request, await deps.store.get('events', headKey(logKey(request))));
  return head.afterOffset === undefined ? undefined : progressFrame(request.id, head);
}

/** Whether the progress comes from the attempt that ended the run. If a run ended without an attempt, it has no progress. */
export const isSameAttempt = (
  progress: ProgressFrame | undefined,
  end: { readonly run: number; readonly attempt?: number },
): progress is ProgressFrame => progress?.run === end.run && progress.attempt === end.attempt;

function progressFrame(id: string, head: HeadItem): ProgressFrame {
  const { run = 1, attempt = 1, fence = 1, slice, seq = 0, afterOffset = 0 } = head;
  const counters = { run, attempt, fence, ...(slice !== undefined && { slice }) };
  return { type: 'progress', id, ...counters, seq, afterOffset, ...progressIn(head) };
}

/** The report that a head contains. */
export const progressIn = ({ percentage, message, metadata }: HeadItem): Progress => ({
  ...(percentage !== undefined && { percentage }),
  ...(message !== undefined && { message }),
  ...(metadata !== undefined && { metadata: JSON.parse(metadata) as JsonObject }),
});

/** Returns the last report of the request's latest attempt, if the head of the log contains it. The head may still belong to an earlier attempt. */
export function reportOf(request: RequestItem, head: HeadItem | undefined): { readonly progress?: Progress } {
  const isCurrent = head?.fence === request.fence && head.run === request.run && (head.seq ?? 0) > 0;
  return isCurrent ? { progress: progressIn(head) } : {};
}

/** Maximum number of entries in one answer. */
const PAGE_ENTRIES = 100;
/** Maximum bytes of entries in one answer: the size of a message minus the rest of the frame. A single entry is returned even if it is larger. */
export const PAGE_BYTES = 96 * 1024;

/** A log, as `readPage` reads it. */
export interface ReadableLog<Entry, Frame> {
  /** Returns entries from the offset `from` on, in ascending order. */
  readonly read: (from: number, limit: number) => Promise<readonly Entry[]>;
  /**
   * Returns the next offset of the log. It is called if there is no entry from the offset `from` on. If the next offset is lower than `from`, the
   * client has read another log.
   */
  readonly nextOffset: (from: number) => number | Promise<number>;
  readonly frameOf: (entry: Entry) => Frame | Promise<Frame>;
}

export interface Page<Frame> {
  readonly entries: Frame[];
  /** Offset at which the next page begins. */
  readonly next: number;
  readonly more: boolean;
  /** Whether the page begins at the requested offset, so that no entry is missing before it. */
  readonly recovered: boolean;
}

/** Reads entries from an offset on, as many as fit into one answer. If the client is ahead of the log, the page starts at the log's beginning. */
export async function readPage<Entry extends { readonly offset: number }, Frame>(
  log: ReadableLog<Entry, Frame>,
  from: number,
): Promise<Page<Frame>> {
  const found = await log.read(from, PAGE_ENTRIES);
  const coherent = withoutHoles(found);
  const [first] = coherent;
  if (!first) {
    const next = await log.nextOffset(from);
    if (from > next) return { ...(await readPage(log, 0)), recovered: false };
    return { entries: [], next, more: false, recovered: from === next };
  }
  const { entries, isFull } = await takePage(log, coherent);
  return {
    entries,
    next: first.offset + entries.length,
    more: isFull || found.length === PAGE_ENTRIES,
    recovered: first.offset === from,
  };
}

async function takePage<Entry, Frame>(log: ReadableLog<Entry, Frame>, found: readonly Entry[]) {
  const entries: Frame[] = [];
  let text = '';
  for (const entry of found) {
    const frame = await log.frameOf(entry);
    text += JSON.stringify(frame);
    if (entries.length > 0 && exceedsBytes(text, PAGE_BYTES)) return { entries, isFull: true };
    entries.push(frame);
  }
  return { entries, isFull: false };
}
