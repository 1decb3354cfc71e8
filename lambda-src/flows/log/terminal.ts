import { EVENTS } from '../../../src/contract';
import {
  append,
  asEntry,
  bodyKey,
  type Draft,
  endsRun,
  expiry,
  type LogEntry,
  logKey,
  type RequestItem,
  terminalDraft,
  toFrame,
} from '../../core';
import { type Deps, momentOf } from '../ports';
import { Viewers } from '../viewers/viewers';
import { isSameAttempt, lastProgress } from './last-progress';

/** The last entry of a log. */
export async function tailOf(deps: Deps, log: string): Promise<LogEntry | undefined> {
  const [last] = await deps.store.query({ table: 'events', partition: log, from: 0, newestFirst: true, limit: 1 });
  return last && asEntry(last);
}

/**
 * The entry as a frame. The body of a result is read from its item.
 *
 * @param body the JSON string of that body, if it is available
 */
export async function frameOf(deps: Deps, request: RequestItem, entry: LogEntry, body?: string) {
  const at = entry.kind === 'end' && 'bodyAt' in entry.outcome ? entry.outcome.bodyAt : undefined;
  if (at === undefined || body !== undefined) return toFrame(request.id, entry, body);
  const item = await deps.store.get('events', bodyKey(logKey(request), at));
  return toFrame(request.id, entry, item?.body as string | undefined);
}

/** Next offset of an attempt's log, and its viewers with their pending frames. */
export interface LogEnd {
  /** Offset of the next entry, as known to this attempt. */
  readonly next: number;
  readonly viewers: Viewers;
  /** JSON string of the result, if the attempt had one. */
  readonly body?: string;
}

/**
 * - `processor`: ended the run, and sends the entry regardless of which function appended it
 * - `dispatcher`: received the end from the stream; sends the entry if it or a reader appended it
 * - `reader`: cannot send to connections, and answers its own client with the log
 */
export type AppendedBy = 'processor' | 'dispatcher' | 'reader';

/**
 * Appends the terminal entry of the request's run, if its log has none, and sends it to the viewers.
 *
 * If a processor ends unexpectedly before it has sent the entry, its message remains in the queue, and the next processor that receives it sends the entry. An
 * entry that another function appended is marked, so that the dispatcher sends it even if that function fails between append and sending.
 *
 * @param end the log as the attempt that ended the request leaves it: its tail need not be read, and the entry follows the
 *   frames that are under way. The viewers are left open
 * @returns whether this call appended it
 */
export async function ensureTerminal(deps: Deps, request: RequestItem, by: AppendedBy, end?: LogEnd): Promise<boolean> {
  const { entry, isNew } = await appendEnd(deps, request, by, end?.next);
  if (entry && isSentBy(by, entry)) await announce(deps, request, entry, end);
  return isNew;
}

const isSentBy = (by: AppendedBy, entry: LogEntry): boolean =>
  by === 'processor' || (by === 'dispatcher' && entry.toAnnounce === true);

interface AppendedEnd {
  /** Absent if a later run has started, because a record of the stream may be old. */
  readonly entry?: LogEntry;
  readonly isNew: boolean;
}

/** @param expected the next offset, if it is known without a read */
async function appendEnd(
  deps: Deps,
  request: RequestItem,
  by: AppendedBy,
  expected: number | undefined,
): Promise<AppendedEnd> {
  const log = logKey(request);
  const draft: Draft = { ...terminalDraft(request), ...(by !== 'processor' && { toAnnounce: true }) };
  for (let offset = expected; ; offset = undefined) {
    if (offset === undefined) {
      const tail = await tailOf(deps, log);
      if (tail && tail.run > request.run) return { isNew: false };
      if (tail && endsRun(tail, request.run)) return { entry: tail, isNew: false };
      offset = (tail?.offset ?? -1) + 1;
    }
    const { applied } = await deps.store.write(append(log, offset, draft, expiry(momentOf(deps))));
    if (applied) return { entry: { ...draft, [EVENTS.sortKey]: offset } as LogEntry, isNew: true };
  }
}

/** Reads the viewers after the append: a viewer that attached before it is sent the entry, and one that attaches later reads it. */
async function announce(deps: Deps, request: RequestItem, entry: LogEntry, end: LogEnd | undefined): Promise<void> {
  const text = JSON.stringify(await frameOf(deps, request, entry, end?.body));
  if (end) return end.viewers.send({ kind: 'entry', text });
  const viewers = new Viewers(deps, request, { once: true });
  // the attempt may have died before it sent its last report
  const progress = await lastProgress(deps, request);
  if (isSameAttempt(progress, entry)) viewers.send({ kind: 'progress', text: JSON.stringify(progress) });
  viewers.send({ kind: 'entry', text });
  await viewers.close();
}
