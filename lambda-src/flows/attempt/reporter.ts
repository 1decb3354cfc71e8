import {
  type Coalescer,
  type Counters,
  coalescer,
  countersOf,
  type HeadItem,
  type LastProgress,
  type LogEntry,
  type Progress,
  type RequestItem,
  toFrame,
} from '../../core';
import type { Json, ProgressFrame } from '../../protocol';
import { checkEventCount, type HandlerReporter } from '../handlers/context';
import { progressIn } from '../log/read-log';
import type { LogEnd } from '../log/terminal';
import type { Deps } from '../ports';
import { Viewers } from '../viewers/viewers';
import { type AttemptLog, StaleAttempt, takeLog } from './log';

/** Writes the log of one attempt and sends it to its viewers. */
export interface Reporter extends HandlerReporter {
  /** Sends the last progress. No report may follow. */
  finish(): Promise<void>;
  /** The last progress, if it is not stored yet. */
  readonly unsaved: LastProgress | undefined;
  /** Stores the last progress on the head of the log, if it is not stored yet. Never rejects. */
  saveProgress(): Promise<void>;
  /** Notes that the caller has stored the last progress. */
  progressIsSaved(): void;
  /** State of the log at the end of the attempt, for the terminal entry. */
  readonly end: LogEnd;
  /**
   * Finishes, stores the last progress, waits until viewers have received pending frames, and releases all timers.
   *
   * @param maxMs milliseconds to wait for viewers at most. Default: 1,000
   */
  close(maxMs?: number): Promise<void>;
}

export interface ReporterOptions {
  readonly ratePerSecond: number;
  /** Called once if another attempt has taken the log. */
  readonly onStale: () => void;
  /** Called with the head each time that it is written or read. */
  readonly onHead?: (head: HeadItem) => void;
}

/**
 * Takes over the log for the request's claim, sends its marker, and returns the reporter.
 *
 * @throws StaleAttempt if a later claim has already taken the log
 */
export async function openLog(deps: Deps, request: RequestItem, options: ReporterOptions): Promise<Reporter> {
  const { log, marker, head } = await takeLog(deps, request, options.onStale);
  const { id } = request;
  const { ratePerSecond, onHead } = options;
  if (head) onHead?.(head);
  const viewers = new Viewers(deps, request);
  const show = (entry: LogEntry) => viewers.send({ kind: 'entry', text: JSON.stringify(toFrame(request, entry)) });
  show(marker);
  const progress = new AttemptProgress(deps, {
    id,
    counters: countersOf(request),
    log,
    viewers,
    viewersVersion: head?.viewersVersion ?? 0,
    continued: progressIn(head ?? {}),
    ratePerSecond,
    onHead,
  });

  return {
    progress: (reported) => progress.report(reported),
    emit: (name, data) =>
      log.exclusive(async () => {
        checkEventCount(log.eventCount, deps.limits);
        show(await appendEvent(log, request, name, data));
      }),
    finish: () => progress.finish(),
    get unsaved() {
      return progress.unsaved;
    },
    saveProgress: () => progress.save(),
    progressIsSaved: () => progress.isSaved(),
    get end() {
      return { next: log.next, viewers };
    },
    async close(maxMs) {
      await progress.finish();
      await progress.save();
      await viewers.close(maxMs);
    },
  };
}

function appendEvent(log: AttemptLog, request: RequestItem, name: string, data: Json | undefined): Promise<LogEntry> {
  const text = data === undefined ? undefined : JSON.stringify(data);
  return log.append({ kind: 'event', ...countersOf(request), name, ...(text !== undefined && { data: text }) });
}

/**
 * If the head has not been written for this time, the attempt reads it, and notices a cancellation, new viewers and a later attempt. A cancelled
 * handler gets its signal within one second, and then has one more second to return.
 */
const HEAD_READ_MS = 600;
/** Milliseconds after a failed call to the tables until the next one. */
const AGAIN_MS = 1_000;

export interface ProgressOptions {
  /** Id of the request. */
  readonly id: string;
  readonly counters: Counters;
  readonly log: AttemptLog;
  readonly viewers: Viewers;
  /** Version of the viewers when the attempt took over the log. */
  readonly viewersVersion: number;
  /** Progress of the previous slice, which this attempt continues; empty if there is none. */
  readonly continued?: Progress;
  readonly ratePerSecond: number;
  readonly onHead?: ReporterOptions['onHead'];
}

/**
 * Sends the progress of one attempt to its viewers, and stores it on the head of the log.
 *
 * From the start until `finish`, a loop sends and stores reports when they are due, and pauses in between. Only the latest report counts. So a
 * handler never waits, and a slow viewer or a slow table cannot delay its reports.
 */
export class AttemptProgress {
  private readonly pending: Coalescer;
  private closing = false;
  private wakeUp = new AbortController();
  private viewersVersion: number;
  private headSeenAt: number;
  private readonly running: Promise<void>;

  /** Starts the loop. */
  public constructor(
    private readonly deps: Pick<Deps, 'platform' | 'log'>,
    private readonly options: ProgressOptions,
  ) {
    this.pending = coalescer(options.ratePerSecond);
    this.viewersVersion = options.viewersVersion;
    this.headSeenAt = deps.platform.now();
    const { continued = {} } = options;
    if (Object.keys(continued).length > 0) this.pending.report(continued);
    this.running = this.run();
  }

  /** Keeps a report until it is due; then it is sent and stored. */
  public report(progress: Progress): void {
    if (this.pending.report(progress)) this.wakeUp.abort();
  }

  /** Ends the loop. Sends the last report of the attempt without delay. Never rejects. */
  public async finish(): Promise<void> {
    const { log } = this.options;
    this.closing = true;
    this.wakeUp.abort();
    await this.running;
    await log.exclusive(async () => {
      if (!log.stale && this.pending.unsent) this.send();
    });
  }

  /** The last report with its counters, if the head does not contain it. */
  public get unsaved(): LastProgress | undefined {
    if (!this.pending.unpersisted) return undefined;
    const { latest, seq } = this.pending;
    return { ...latest, seq, afterOffset: this.options.log.next };
  }

  public isSaved(): void {
    this.pending.persisted();
  }

  /** Stores the last report on the head, if the head does not contain it. Never rejects. */
  public async save(): Promise<void> {
    const { log } = this.options;
    await log
      .exclusive(async () => {
        if (log.stale || !this.unsaved) return;
        await this.persist();
        // The write may have shown viewers that attached in the meantime.
        if (this.pending.unsent) this.send();
      })
      .catch(() => undefined);
  }

  private async run(): Promise<void> {
    while (!this.closing && !this.options.log.stale) {
      try {
        await this.step();
      } catch (error) {
        if (error instanceof StaleAttempt) return;
        this.deps.log.warn('progress could not be written', { error });
        await this.pause(AGAIN_MS);
      }
    }
  }

  /** Does what is due now, or pauses until something may be due. */
  private async step(): Promise<void> {
    const { log } = this.options;
    const now = this.deps.platform.now();
    const headReadInMs = this.headSeenAt + HEAD_READ_MS - now;
    const { send, persist, waitMs = HEAD_READ_MS } = this.pending.next(now);
    if (send || persist) await log.exclusive(() => this.flushDue());
    else if (headReadInMs <= 0) await log.exclusive(() => this.readHead());
    else await this.pause(Math.min(waitMs, headReadInMs));
  }

  /** Waits for the given time, but stops earlier if `finish` is called, or if a report arrives that may be due earlier. */
  private async pause(ms: number): Promise<void> {
    // `finish` may have been called after the start of this step
    if (this.closing) return;
    if (this.wakeUp.signal.aborted) this.wakeUp = new AbortController();
    await this.deps.platform.sleep(Math.max(1, ms), this.wakeUp.signal);
  }

  private async flushDue(): Promise<void> {
    const { send, persist } = this.pending.next(this.deps.platform.now());
    if (send) this.send();
    if (persist) await this.persist();
  }

  private send(): void {
    const { id, counters, log, viewers } = this.options;
    const { latest, seq } = this.pending;
    const frame: ProgressFrame = { type: 'progress', id, ...counters, seq, afterOffset: log.next, ...latest };
    this.pending.sent(this.deps.platform.now());
    viewers.send({ kind: 'progress', text: JSON.stringify(frame) });
  }

  private async persist(): Promise<void> {
    const { log } = this.options;
    this.pending.persisted();
    const { latest, seq } = this.pending;
    const head = await log.writeHead({ ...latest, seq, afterOffset: log.next }).catch((error) => {
      this.pending.persistAgain();
      throw error;
    });
    this.sawHead(head);
  }

  private async readHead(): Promise<void> {
    this.sawHead(await this.options.log.readHead());
  }

  /**
   * Sends the latest progress to viewers that attached since the last check. Its `afterOffset` shows these viewers which entries they have missed.
   */
  private sawHead(head: HeadItem): void {
    const { viewersVersion = 0 } = head;
    this.headSeenAt = this.deps.platform.now();
    this.options.onHead?.(head);
    // the read may be older than one before
    if (viewersVersion <= this.viewersVersion) return;
    this.viewersVersion = viewersVersion;
    this.options.viewers.seeNewcomers();
    this.pending.sendAgain();
  }
}
