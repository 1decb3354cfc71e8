import { coalescer } from '../lambda-src/core/coalescer';
import type { Progress } from '../lambda-src/core/log';
import { checkEventCount, type HandlerReporter } from '../lambda-src/flows/handlers/context';
import type { Log } from '../lambda-src/flows/ports';
import type { Json } from '../lambda-src/protocol';
import type { Limits } from '../src/contract';
import type { RecordedLine, RecordedProgress } from './handler-types';

/** Records the data that a processor would write and send. */
export class Recorder {
  public readonly progress: RecordedProgress[] = [];
  public readonly events: { readonly name: string; readonly data: Json | undefined }[] = [];
  /** Data of the snapshots. */
  public readonly snapshots: Json[] = [];
  public readonly lines: RecordedLine[] = [];
  private closed = false;
  /** The coalescer of the processor. It validates reports; its rate has no effect here. */
  private readonly coalescer = coalescer(1);

  /** @param onProgress called after each progress report, with the number of reports so far */
  public constructor(
    private readonly limits: Limits,
    private readonly onProgress: (reports: number) => void,
  ) {}

  public readonly reporter: HandlerReporter = {
    progress: (report: Progress) => {
      if (this.closed) return;
      this.coalescer.report(report);
      this.progress.push(this.coalescer.latest as RecordedProgress);
      this.onProgress(this.progress.length);
    },
    emit: async (name, data) => {
      checkEventCount(this.events.length, this.limits);
      if (!this.closed) this.events.push({ name, data });
    },
    snapshot: async (data) => {
      if (!this.closed) this.snapshots.push(JSON.parse(data));
    },
    flush: async () => undefined,
  };

  /** Stops recording. Called when the handler has ended. */
  public close(): void {
    this.closed = true;
  }

  public readonly log: Log = {
    debug: (message, fields) => this.line('debug', message, fields),
    info: (message, fields) => this.line('info', message, fields),
    warn: (message, fields) => this.line('warn', message, fields),
    error: (message, fields) => this.line('error', message, fields),
  };

  private line(level: RecordedLine['level'], message: string, fields: Record<string, unknown> = {}): void {
    this.lines.push({ level, message, fields });
  }
}
