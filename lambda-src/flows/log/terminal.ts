import {
  append,
  type Draft,
  endsRun,
  entryAt,
  expiry,
  type LogEntry,
  logKey,
  type RequestItem,
  terminalDraft,
} from '../../core';
import { type Deps, writeTimeOf } from '../ports';
import { Viewers } from '../viewers/viewers';
import { frameOf, isSameAttempt, lastProgress, tailOf } from './read-log';

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
 */
export type SentBy = 'processor' | 'dispatcher';

/**
 * Appends the terminal entry of the request's run, if its log has none, and sends it to the viewers.
 *
 * If a processor ends unexpectedly before it has sent the entry, its message remains in the queue, and the next processor that receives it
 * sends the entry. An entry that another function appended is marked, so that the dispatcher sends it even if that function fails between
 * append and sending.
 *
 * @param end state of the log at the end of the attempt that ended the request: its tail need not be read, and the entry follows the
 * pending frames. The viewers stay open
 * @returns whether this call appended it
 */
export async function ensureTerminal(deps: Deps, request: RequestItem, by: SentBy, end?: LogEnd): Promise<boolean> {
  const { entry, isNew } = await appendEnd(deps, request, by === 'processor', end?.next);
  if (entry && isSentBy(by, entry)) await announce(deps, request, entry, end);
  return isNew;
}

const isSentBy = (by: SentBy, entry: LogEntry): boolean => by === 'processor' || entry.toAnnounce === true;

/** Appends the terminal entry as `ensureTerminal` does, for a function that cannot post to connections: the dispatcher sends the entry. */
export async function appendTerminal(deps: Deps, request: RequestItem): Promise<void> {
  await appendEnd(deps, request, false);
}

interface AppendedEnd {
  /** Absent if a later run has started, because a record of the stream may be old. */
  readonly entry?: LogEntry;
  readonly isNew: boolean;
}

/**
 * Appends the terminal entry unless the log has it already.
 *
 * @param sends whether the caller sends the entry to the viewers in every case; otherwise the dispatcher sends it
 * @param expected the next offset, if it is known without a read
 */
async function appendEnd(deps: Deps, request: RequestItem, sends: boolean, expected?: number): Promise<AppendedEnd> {
  const log = logKey(request);
  const draft: Draft = { ...terminalDraft(request), ...(!sends && { toAnnounce: true }) };
  for (let offset = expected; ; offset = undefined) {
    if (offset === undefined) {
      const tail = await tailOf(deps, log);
      if (tail && tail.run > request.run) return { isNew: false };
      if (tail && endsRun(tail, request.run)) return { entry: tail, isNew: false };
      offset = (tail?.offset ?? -1) + 1;
    }
    const { applied } = await deps.store.write(append(log, offset, draft, expiry(writeTimeOf(deps))));
    if (applied) return { entry: entryAt(offset, draft), isNew: true };
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
