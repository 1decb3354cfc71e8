import { type LogEntry, type Progress, toFrame } from '../core/log';
import type { RequestItem } from '../core/request';
import type { Json } from '../protocol';
import { type AttemptLog, takeLog } from './attempt-log';
import { AttemptProgress } from './attempt-progress';
import { checkEventCount, DEFAULT_LIMITS, type Limits } from './limits';
import type { Deps } from './ports';
import { ProgressPump } from './progress-pump';
import { LOG_FRAME_TRIES } from './terminal';
import { Turns } from './turns';
import { type Viewers, viewersOf } from './viewers';

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

/**
 * Takes the log for the request's claim, shows its marker, and reports from then on.
 *
 * @throws StaleAttempt when a later claim has taken it already
 */
export async function openLog(deps: Deps, request: RequestItem, options: ReporterOptions): Promise<Reporter> {
  const { log, marker, viewersVersion } = await takeLog(deps, request, options.onStale);
  const viewers = viewersOf(deps, request);
  await show(deps, request, viewers, marker);

  const { world } = deps;
  const { id, fence: attempt } = request;
  const { ratePerSecond, limits = DEFAULT_LIMITS } = options;
  const progress = new AttemptProgress({ id, attempt, world, log, viewers, viewersVersion, ratePerSecond });
  // the only one that appends, sends or touches the head
  const turns = new Turns();
  const pump = new ProgressPump(deps, log, progress, turns);

  return {
    progress(reported) {
      progress.report(reported);
      pump.wake();
    },
    emit: (name, data) =>
      turns.take(async () => {
        checkEventCount(log.eventCount, limits);
        await show(deps, request, viewers, await appendEvent(log, request, name, data));
      }),
    async close() {
      await pump.close();
      await turns.done();
      if (progress.dirty && !log.stale) await turns.take(() => progress.lastWords()).catch(() => undefined);
    },
  };
}

function appendEvent(log: AttemptLog, request: RequestItem, name: string, data: Json | undefined): Promise<LogEntry> {
  const { run, fence: attempt } = request;
  const text = data === undefined ? undefined : JSON.stringify(data);
  return log.append({ kind: 'event', run, attempt, name, ...(text !== undefined && { data: text }) });
}

/** The log has the entry, so that a failure here costs nobody more than an attach. */
async function show(deps: Deps, request: RequestItem, viewers: Viewers, entry: LogEntry): Promise<void> {
  try {
    await viewers.refresh();
    await viewers.send(JSON.stringify(toFrame(request.id, entry)), LOG_FRAME_TRIES);
  } catch (error) {
    deps.log.warn('viewers could not be told of an entry', { offset: entry.offset, error });
  }
}
