import { EVENTS } from '../../src/contract';
import { logKey } from '../core/keys';
import { append, asEntry, bodyKey, endsRun, type LogEntry, terminalDraft, toFrame } from '../core/log';
import type { RequestItem } from '../core/request';
import { expiry } from '../core/transitions';
import { momentOf } from './moment';
import type { Deps } from './ports';
import { viewersOf } from './viewers';

/** How often a log frame is sent to a viewer that is busy. */
export const LOG_FRAME_TRIES = 3;

/** The last entry of a log. */
export async function tailOf(deps: Deps, log: string): Promise<LogEntry | undefined> {
  const [last] = await deps.store.query({ table: 'events', partition: log, from: 0, newestFirst: true, limit: 1 });
  return last && asEntry(last);
}

/** The entry as a frame, with a result's body fetched from where it lies. */
export async function frameOf(deps: Deps, request: RequestItem, entry: LogEntry) {
  const at = entry.kind === 'end' && 'bodyAt' in entry.outcome ? entry.outcome.bodyAt : undefined;
  const item = at === undefined ? undefined : await deps.store.get('events', bodyKey(logKey(request), at));
  return toFrame(request.id, entry, item?.body as string | undefined);
}

/**
 * Appends the terminal entry of the request's run if it has none yet, and sends it.
 *
 * Whoever sees a request that has ended may call it: the processor, the dispatcher, an attach.
 *
 * @param send whether the viewers are sent the entry: if this call `appended` it, `always`, or `never`, where the function may
 *   not post because its caller answers with the log itself
 * @returns whether this call appended it
 */
export async function ensureTerminal(
  deps: Deps,
  request: RequestItem,
  send: 'appended' | 'always' | 'never' = 'appended',
): Promise<boolean> {
  const log = logKey(request);
  const draft = terminalDraft(request);
  for (;;) {
    const tail = await tailOf(deps, log);
    // a record of the stream may be old: the run it tells of was ended before the next one began
    if (tail && tail.run > request.run) return false;
    if (tail && endsRun(tail, request.run)) {
      if (send === 'always') await announce(deps, request, tail);
      return false;
    }
    const offset = (tail?.offset ?? -1) + 1;
    const { applied } = await deps.store.write(append(log, offset, draft, expiry(momentOf(deps))));
    if (applied) {
      if (send !== 'never') await announce(deps, request, { ...draft, [EVENTS.sortKey]: offset } as LogEntry);
      return true;
    }
  }
}

/** Viewers are read after the append: who came before it is told, who comes after it reads it. */
async function announce(deps: Deps, request: RequestItem, entry: LogEntry): Promise<void> {
  const viewers = viewersOf(deps, request);
  await viewers.refresh();
  if (viewers.size === 0) return;
  await viewers.send(JSON.stringify(await frameOf(deps, request, entry)), LOG_FRAME_TRIES);
}
