import { countersOf, type LogEntry, type RequestItem, toFrame } from '../../core';
import type { Json } from '../../protocol';
import { checkEventCount, type HandlerReporter } from '../handlers/context';
import type { LogEnd } from '../log/terminal';
import type { Deps } from '../ports';
import { Viewers } from '../viewers/viewers';
import { type AttemptLog, takeLog } from './log';
import { AttemptProgress } from './progress';

/** Writes the log of one attempt and shows it to its viewers. */
export interface Reporter extends HandlerReporter {
  /** Stores the last progress. Nothing is reported after it. */
  finish(): Promise<void>;
  /** State of the log at the end of the attempt, for the terminal entry. */
  readonly end: LogEnd;
  /** Finishes, waits at most one second until viewers have received pending frames, and releases all timers. */
  close(): Promise<void>;
}

export interface ReporterOptions {
  readonly ratePerSecond: number;
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
  const { id } = request;
  const { ratePerSecond } = options;
  const viewers = new Viewers(deps, request);
  const show = (entry: LogEntry) => viewers.send({ kind: 'entry', text: JSON.stringify(toFrame(id, entry)) });
  show(marker);
  const progress = new AttemptProgress(deps, {
    id,
    counters: countersOf(request),
    log,
    viewers,
    viewersVersion,
    ratePerSecond,
  });

  return {
    progress: (reported) => progress.report(reported),
    emit: (name, data) =>
      log.exclusive(async () => {
        checkEventCount(log.eventCount, deps.limits);
        show(await appendEvent(log, request, name, data));
      }),
    finish: () => progress.finish(),
    get end() {
      return { next: log.next, viewers };
    },
    async close() {
      await progress.finish();
      await viewers.close();
    },
  };
}

function appendEvent(log: AttemptLog, request: RequestItem, name: string, data: Json | undefined): Promise<LogEntry> {
  const text = data === undefined ? undefined : JSON.stringify(data);
  return log.append({ kind: 'event', ...countersOf(request), name, ...(text !== undefined && { data: text }) });
}
