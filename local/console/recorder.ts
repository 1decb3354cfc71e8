import type { InvocationReport } from '../lambda';
import type { Clock, LogEvent } from '../types';
import { type FrameListeners, FrameLog } from './frame-log';
import { Invocations } from './invocations';
import { Ring } from './ring';
import type { LogLine, TimingSample } from './types';

const MAX_LINES = 3000;
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Keeps what the run tells from its first moment on, whether or not a page is open: log lines, frames and invocations.
 * All of it is bounded.
 */
export class Recorder {
  public readonly startedAt: number;
  public readonly frames: FrameLog;
  public readonly invocations: Invocations;
  private readonly lines = new Ring<LogLine>(
    MAX_LINES,
    MAX_BYTES,
    (line) => line.message.length + (line.detail?.length ?? 0),
  );
  private readonly lineListeners = new Set<(line: LogLine) => void>();
  private readonly sampleListeners = new Set<(sample: TimingSample) => void>();
  private readonly progressListeners = new Set<FrameListeners['onProgress']>();
  private nextLine = 1;

  /** @param redact takes secrets out of a line */
  public constructor(
    private readonly clock: Clock,
    private readonly redact: (text: string) => string,
  ) {
    this.startedAt = clock.now();
    this.invocations = new Invocations(clock);
    this.frames = new FrameLog(clock, {
      onSample: (sample) => {
        for (const listener of this.sampleListeners) listener(sample);
      },
      onProgress: (...progress) => {
        for (const listener of this.progressListeners) listener(...progress);
      },
    });
  }

  public log(event: LogEvent): void {
    const { source, level } = event;
    const message = this.redact(event.message);
    const detail = event.detail === undefined ? undefined : this.redact(event.detail);
    const below = event.below?.map(this.redact);
    const line: LogLine = { seq: this.nextLine++, at: this.clock.now(), source, level, message, below, detail };
    this.lines.add(line);
    for (const listener of this.lineListeners) listener(line);
  }

  public invoked(functionName: string, report: InvocationReport): void {
    this.invocations.add(functionName, report);
  }

  public logLines(): readonly LogLine[] {
    return this.lines.all();
  }

  public onLine(listener: (line: LogLine) => void): void {
    this.lineListeners.add(listener);
  }

  public onProgress(listener: FrameListeners['onProgress']): void {
    this.progressListeners.add(listener);
  }

  public onSample(listener: (sample: TimingSample) => void): void {
    this.sampleListeners.add(listener);
  }
}
