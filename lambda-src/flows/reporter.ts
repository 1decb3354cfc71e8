import { type LogEntry, type Progress, toFrame } from '../core/log';
import type { RequestItem } from '../core/request';
import type { Json } from '../protocol';
import { type AttemptLog, takeLog } from './attempt-log';
import { AttemptProgress } from './attempt-progress';
import { checkEventCount, DEFAULT_LIMITS, type Limits } from './limits';
import type { Deps } from './ports';
import { ProgressPump } from './progress-pump';
import { Turns } from './turns';
import { Viewers } from './viewers';

/** What a handler reports by. Nothing here waits for a viewer. */
export interface HandlerReporter {
  /** Keeps the report, which is sent and stored when its turn comes. */
  progress(progress: Progress): void;
  /** Appends an event; resolves when it is stored. */
  emit(name: string, data: Json | undefined): Promise<void>;
}

/** Writes the log of one attempt and shows it to its viewers. */
export interface Reporter extends HandlerReporter {
  /** Stores the last progress. Nothing is reported after it. */
  finish(): Promise<void>;
  /** The log as the attempt leaves it, for the terminal entry. */
  readonly end: LogEnd;
  /** Finishes, gives the viewers a second at most to take what is under way, and releases all timers. */
  close(): Promise<void>;
}

/** Where an attempt's log goes on, and its viewers with the frames that are under way to them. */
export interface LogEnd {
  /** Offset of the next entry, as far as this attempt knows. */
  readonly next: number;
  readonly viewers: Viewers;
  /** JSON text of the result, where the attempt had one. */
  readonly body?: string;
}

export interface ReporterOptions {
  readonly ratePerSecond: number;
  readonly limits?: Limits;
  /** Called once when another attempt has taken the log. */
  readonly onStale: () => void;
}

/**
 * Takes the log for the request's claim, shows its marker, and reports from then on.
 *
 * @throws StaleAttempt when a later claim has taken it already
 */
export async function openLog(deps: Deps, request: RequestItem, options: ReporterOptions): Promise<Reporter> {
  const { log, marker, viewersVersion } = await takeLog(deps, request, options.onStale);
  const { world } = deps;
  const { id, fence: attempt } = request;
  const { ratePerSecond, limits = DEFAULT_LIMITS } = options;
  const viewers = new Viewers(deps, request);
  const show = (entry: LogEntry) => viewers.send({ kind: 'entry', text: JSON.stringify(toFrame(id, entry)) });
  show(marker);
  const progress = new AttemptProgress({ id, attempt, world, log, viewers, viewersVersion, ratePerSecond });
  // the only one that appends or touches the head
  const turns = new Turns();
  const pump = new ProgressPump(deps, log, progress, turns);

  async function finish(): Promise<void> {
    await pump.close();
    await turns.done();
    if (progress.dirty && !log.stale) await turns.take(() => progress.lastReport()).catch(() => undefined);
  }

  return {
    progress(reported) {
      if (progress.report(reported)) pump.wake();
    },
    emit: (name, data) =>
      turns.take(async () => {
        checkEventCount(log.eventCount, limits);
        show(await appendEvent(log, request, name, data));
      }),
    finish,
    get end() {
      return { next: log.next, viewers };
    },
    async close() {
      await finish();
      await viewers.close();
    },
  };
}

function appendEvent(log: AttemptLog, request: RequestItem, name: string, data: Json | undefined): Promise<LogEntry> {
  const { run, fence: attempt } = request;
  const text = data === undefined ? undefined : JSON.stringify(data);
  return log.append({ kind: 'event', run, attempt, name, ...(text !== undefined && { data: text }) });
}
