import { DEFAULTS, type Limits } from '../../../src/contract';
import { type LogEntry, type Progress, toFrame } from '../../core/log';
import type { RequestItem } from '../../core/request';
import type { Json } from '../../protocol';
import { checkEventCount } from '../handlers/limits';
import type { Deps } from '../ports';
import { Viewers } from '../viewers/viewers';
import { AttemptProgress } from './attempt-progress';
import { type AttemptLog, takeLog } from './log';
import { ProgressPump } from './progress-pump';
import { Turns } from './turns';

/** The reporting functions of a handler. None of them waits for a viewer. */
export interface HandlerReporter {
  /** Keeps the report, which is sent and stored when it is due. */
  progress(progress: Progress): void;
  /** Appends an event; resolves when it is stored. */
  emit(name: string, data: Json | undefined): Promise<void>;
}

/** Writes the log of one attempt and shows it to its viewers. */
export interface Reporter extends HandlerReporter {
  /** Stores the last progress. Nothing is reported after it. */
  finish(): Promise<void>;
  /** State of the log at the end of the attempt, for the terminal entry. */
  readonly end: LogEnd;
  /** Finishes, waits at most one second until viewers have received pending frames, and releases all timers. */
  close(): Promise<void>;
}

/** Next offset of an attempt's log, and its viewers with their pending frames. */
export interface LogEnd {
  /** Offset of the next entry, as known to this attempt. */
  readonly next: number;
  readonly viewers: Viewers;
  /** JSON string of the result, if the attempt had one. */
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
  const { ratePerSecond, limits = DEFAULTS.limits } = options;
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
