import { coalescer, PERSIST_INTERVAL_MS } from '../core/coalescer';
import type { Item } from '../core/condition';
import { logKey } from '../core/keys';
import {
  append,
  asEntry,
  asHead,
  attemptMarker,
  type Draft,
  endsRun,
  headKey,
  type LogEntry,
  type Progress,
  takeHead,
  toFrame,
  writeHead,
} from '../core/log';
import type { RequestItem } from '../core/request';
import { expiry } from '../core/transitions';
import type { Json, ProgressFrame } from '../protocol';
import { checkEventCount, DEFAULT_LIMITS, type Limits } from './limits';
import { momentOf } from './moment';
import type { Deps } from './ports';
import { LOG_FRAME_TRIES, tailOf } from './terminal';
import { viewersOf } from './viewers';

/** Writes the log of one attempt and shows it to its viewers. */
export interface Reporter {
  progress(progress: Progress): void;
  /** Appends an event; resolves when it is stored. */
  emit(name: string, data: Json | undefined): Promise<void>;
  /** Stores the last progress and lets go of all timers. Nothing is sent after it. */
  close(): Promise<void>;
}

export interface ReporterOptions {
  readonly ratePerSecond: number;
  readonly limits?: Limits;
  /** Called once when another attempt has taken the log. */
  readonly onStale: () => void;
}

/** With no head write for this long the head is read, so that viewers that came and a cancellation are seen. */
const HEAD_READ_MS = 3_000;

/** This attempt no longer owns the log. */
export class StaleAttempt extends Error {
  public override readonly name = 'StaleAttempt';
}

/**
 * Takes the log for the request's claim: its head first, then a marker at the tail.
 *
 * From then on any earlier attempt collides at its next append, because the marker took that offset.
 *
 * @throws StaleAttempt when a later claim has taken it already
 */
export async function openLog(deps: Deps, request: RequestItem, options: ReporterOptions): Promise<Reporter> {
  const log = logKey(request);
  const expiresAt = () => expiry(momentOf(deps));
  const head = await deps.store.write(takeHead(log, request.fence, expiresAt()));
  // a head that shows our own fence was taken by a write of ours whose answer was lost
  if (!head.applied && asHead(head.item).fence !== request.fence) throw new StaleAttempt();

  const viewers = viewersOf(deps, request);
  const marker = await appendMarker(deps, log, request, expiresAt());
  await show(marker);

  let tail = marker.offset;
  let seq = 0;
  let version = asHead(head.item).viewersVersion ?? 0;
  let headSeenAt = deps.world.now();
  let stale = false;
  const pending = coalescer(options.ratePerSecond);
  const closing = new AbortController();

  // one write at a time: the chain is the only one that appends, sends or touches the head
  let chain: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = chain.then(work);
    chain = turn.catch(() => undefined);
    return turn;
  };

  function becomeStale(): never {
    if (!stale) options.onStale();
    stale = true;
    throw new StaleAttempt();
  }

  async function appendNext(draft: Draft): Promise<LogEntry> {
    for (;;) {
      if (stale) throw new StaleAttempt();
      const { applied, item } = await deps.store.write(append(log, tail + 1, draft, expiresAt()));
      if (!applied && !isOurs(item)) becomeStale();
      tail += 1;
      if (applied) return asEntry({ ...draft, offset: tail });
    }
  }

  /** An event of this attempt is one whose write seemed to fail; the end of its run was written by somebody else. */
  function isOurs(item: Item | undefined): boolean {
    return item?.kind === 'event' && item.attempt === request.fence;
  }

  /** The log has the entry, so that a failure here costs nobody more than an attach. */
  async function show(entry: LogEntry): Promise<void> {
    try {
      await viewers.refresh();
      await viewers.send(JSON.stringify(toFrame(request.id, entry)), LOG_FRAME_TRIES);
    } catch (error) {
      deps.log.warn('viewers could not be told of an entry', { offset: entry.offset, error });
    }
  }

  /** Each claim has put a marker of its own among the entries. */
  const eventCount = () => tail + 1 - request.fence;

  async function emitNow(name: string, data: Json | undefined): Promise<void> {
    checkEventCount(eventCount(), options.limits ?? DEFAULT_LIMITS);
    const text = data === undefined ? undefined : JSON.stringify(data);
    const entry = await appendNext({
      kind: 'event',
      run: request.run,
      attempt: request.fence,
      name,
      ...(text !== undefined && { data: text }),
    });
    await show(entry);
  }

  async function sendProgress(): Promise<void> {
    seq += 1;
    const frame: ProgressFrame = {
      type: 'progress',
      id: request.id,
      attempt: request.fence,
      seq,
      afterOffset: tail + 1,
      ...pending.latest,
    };
    pending.sent(deps.world.now());
    await viewers.send(JSON.stringify(frame), 1);
  }

  async function persist(): Promise<void> {
    pending.persisted(deps.world.now());
    // a viewer that has had an older report under the last number would pass over this one
    seq += 1;
    const progress = { ...pending.latest, seq, afterOffset: tail + 1 };
    const result = await deps.store.write(writeHead(log, request.fence, progress, expiresAt())).catch((error) => {
      pending.persistAgain();
      throw error;
    });
    if (!result.applied) becomeStale();
    await seeHead(asHead(result.item).viewersVersion ?? 0);
  }

  async function readHead(): Promise<void> {
    const item = asHead(await deps.store.get('events', headKey(log)));
    if (item.fence !== request.fence) becomeStale();
    await seeHead(item.viewersVersion ?? 0);
  }

  /** A viewer that came since is sent the latest progress; `afterOffset` tells it what it has missed. */
  async function seeHead(viewersVersion: number): Promise<void> {
    headSeenAt = deps.world.now();
    if (viewersVersion === version) return;
    version = viewersVersion;
    await viewers.refresh();
    pending.sendAgain();
  }

  async function flush(): Promise<void> {
    const { send, persist: store } = pending.next(deps.world.now());
    if (send) await sendProgress();
    if (store) await persist();
  }

  /** Runs until closed: sends and stores what is due, and looks at the head when nothing else has. */
  async function pump(): Promise<void> {
    while (!closing.signal.aborted && !stale) {
      try {
        await step();
      } catch (error) {
        if (error instanceof StaleAttempt) return;
        deps.log.warn('progress could not be written', { error });
        await rest(PERSIST_INTERVAL_MS);
      }
    }
  }

  async function step(): Promise<void> {
    const now = deps.world.now();
    const due = pending.next(now);
    if (due.send || due.persist) await inTurn(flush);
    else if (now - headSeenAt >= HEAD_READ_MS) await inTurn(readHead);
    else await rest(Math.min(due.waitMs ?? HEAD_READ_MS, headSeenAt + HEAD_READ_MS - now));
  }

  let wake = new AbortController();
  async function rest(ms: number): Promise<void> {
    wake = new AbortController();
    const either = AbortSignal.any([wake.signal, closing.signal]);
    await deps.world.sleep(Math.max(1, ms), either);
  }

  const pumping = pump();

  return {
    progress(progress) {
      pending.report(progress);
      wake.abort();
    },
    emit: (name, data) => inTurn(() => emitNow(name, data)),
    async close() {
      closing.abort();
      await pumping;
      await chain;
      if (pending.dirty && !stale) await inTurn(lastWords).catch(() => undefined);
    },
  };

  /** Whatever is left goes out now: the last report of an attempt does not wait for its turn. */
  async function lastWords(): Promise<void> {
    const { send, persist: store } = pending.next(Number.POSITIVE_INFINITY);
    if (store) await persist();
    if (send) await sendProgress();
  }
}

/** The claim's own marker is appended at whatever the tail is: only a later claim may stop it. */
async function appendMarker(deps: Deps, log: string, request: RequestItem, expiresAt: number): Promise<LogEntry> {
  const draft = attemptMarker(request);
  for (;;) {
    const tail = await tailOf(deps, log);
    // a claim that slept until its lease was taken back may find a later attempt, or the end of its own run
    if (tail && (tail.attempt > request.fence || endsRun(tail, request.run))) throw new StaleAttempt();
    const offset = (tail?.offset ?? -1) + 1;
    const { applied } = await deps.store.write(append(log, offset, draft, expiresAt));
    if (applied) return asEntry({ ...draft, offset });
  }
}
