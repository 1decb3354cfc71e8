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

/** State of an attempt's log at its end: the next offset, and the viewers with their pending frames. */
export interface LogEnd {
  /** Offset at which this attempt expects the next entry. */
  readonly next: number;
  readonly viewers: Viewers;
  /** JSON string of the result, if the attempt returned one. */
  readonly body?: string;
}

/**
 * - `processor`: the caller ended the run. It sends the entry regardless of which function appended it
 * - `dispatcher`: the caller read the end from the stream. It sends the entry if the dispatcher or a reader of the log appended it
 */
export type SentBy = 'processor' | 'dispatcher';

/**
 * Appends the terminal entry of the request's run, if its log has none, and sends the entry to the viewers.
 *
 * If a processor dies before it has sent the entry, the request's message remains in the queue. The processor that receives the message next sends
 * the entry. If another function appends an entry, it marks the entry. The dispatcher then sends the entry, even if that function fails before it
 * sends.
 *
 * @param end state of the log at the end of the attempt that ended the request. With it, the tail need not be read, and the entry follows the pending
 * frames. The viewers stay open
 * @returns whether this call appended the entry
 */
export async function ensureTerminal(deps: Deps, request: RequestItem, by: SentBy, end?: LogEnd): Promise<boolean> {
  const { entry, isNew } = await appendEnd(deps, request, by === 'processor', end?.next);
  if (entry && isSentBy(by, entry)) await announce(deps, request, entry, end);
  return isNew;
}

const isSentBy = (by: SentBy, entry: LogEntry): boolean => by === 'processor' || entry.toAnnounce === true;

/** Appends the terminal entry as `ensureTerminal` does, for a function that cannot post to connections. The dispatcher then sends the entry. */
export async function appendTerminal(deps: WritingDeps, request: RequestItem): Promise<void> {
  await appendEnd(deps, request, false);
}

/** Parts of `Deps` that are needed to append an entry. */
type WritingDeps = Pick<Deps, 'store' | 'platform' | 'retentionSeconds'>;

interface AppendedEnd {
  /** The terminal entry. It is absent if a later run has started; that is possible, because a stream record may be old. */
  readonly entry?: LogEntry;
  readonly isNew: boolean;
}

/**
 * Appends the terminal entry, unless the log already has it.
 *
 * @param sends whether the caller always sends the entry to the viewers; otherwise the dispatcher sends it
 * @param expected the next offset, if it is known without a read
 */
async function appendEnd(
  deps: WritingDeps,
  request: RequestItem,
  sends: boolean,
  expected?: number,
): Promise<AppendedEnd> {
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

/**
 * Sends the entry to the viewers. The viewers are read after the append. So a viewer that attached before the append is sent the entry, and one that
 * attaches later reads it from the log.
 */
async function announce(deps: Deps, request: RequestItem, entry: LogEntry, end: LogEnd | undefined): Promise<void> {
  const text = JSON.stringify(await frameOf(deps, request, entry, end?.body));
  if (end) return end.viewers.send({ kind: 'entry', text });
  const viewers = new Viewers(deps, request, { once: true });
  // The attempt may have died before it sent its last report, so the last stored progress is sent, too.
  const progress = await lastProgress(deps, request);
  if (isSameAttempt(progress, entry)) viewers.send({ kind: 'progress', text: JSON.stringify(progress) });
  viewers.send({ kind: 'entry', text });
  await viewers.close();
}
