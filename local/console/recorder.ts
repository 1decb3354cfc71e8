import type { InvocationReport } from '../emulator/lambda';
import type { Clock, LogEvent } from '../emulator/types';
import { Failures } from './failures';
import { type FrameListeners, FrameLog } from './frame-log';
import { Invocations } from './invocations';
import { Ring } from './ring';
import type { Failure, LogLine, TimingSample } from './types';

/** Maximum number of lines per source. A function that writes many lines replaces only its own earlier lines. */
const MAX_LINES = 1500;
const MAX_BYTES = 1024 * 1024;

const bytesOf = ({ message, detail = '', below = [] }: LogLine): number =>
  below.reduce((sum, line) => sum + line.length, message.length + detail.length);

type Unsubscribe = () => void;

function subscribe<Listener>(listeners: Set<Listener>, listener: Listener): Unsubscribe {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Records log lines, frames and invocations from the start of the run, even if no page is open. The number of entries
 * of each kind is limited. If a run replaces another one because its app changed, both use the same recorder.
 */
export class Recorder {
  public readonly startedAt: number;
  public readonly frames: FrameLog;
  public readonly invocations: Invocations;
  public readonly failures = new Failures();
  private readonly lines = new Map<string, Ring<LogLine>>();
  private readonly lineListeners = new Set<(line: LogLine) => void>();
  private readonly failureListeners = new Set<(failure: Failure) => void>();
  private readonly sampleListeners = new Set<(sample: TimingSample) => void>();
  private readonly progressListeners = new Set<FrameListeners['onProgress']>();
  private nextLine = 1;

  /** @param redact removes secrets from a line */
  public constructor(
    private readonly clock: Clock,
    private readonly redact: (text: string) => string,
  ) {
    this.startedAt = clock.now();
    this.invocations = new Invocations(clock);
    this.frames = new FrameLog(clock, redact, {
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
    const at = this.clock.now();
    const line: LogLine = {
      seq: this.nextLine++,
      at,
      source,
      level,
      message,
      below,
      detail,
      subject: event.subject?.id,
    };
    this.linesOf(source).add(line);
    for (const listener of this.lineListeners) listener(line);
    this.noteFailure(event, at);
  }

  public invoked(functionName: string, report: InvocationReport): void {
    this.invocations.add(functionName, report);
  }

  /** Log lines in the order of their arrival. */
  public logLines(): readonly LogLine[] {
    return [...this.lines.values()].flatMap((lines) => lines.all()).sort((a, b) => a.seq - b.seq);
  }

  public onLine(listener: (line: LogLine) => void): Unsubscribe {
    return subscribe(this.lineListeners, listener);
  }

  public onProgress(listener: FrameListeners['onProgress']): Unsubscribe {
    return subscribe(this.progressListeners, listener);
  }

  public onFailure(listener: (failure: Failure) => void): Unsubscribe {
    return subscribe(this.failureListeners, listener);
  }

  private noteFailure(event: LogEvent, at: number): void {
    const thrown = event.thrown && { ...event.thrown, title: this.redact(event.thrown.title) };
    const failure = this.failures.add({ ...event, thrown }, at);
    if (failure) for (const listener of this.failureListeners) listener(failure);
  }

  private linesOf(source: string): Ring<LogLine> {
    const known = this.lines.get(source);
    if (known) return known;
    const lines = new Ring<LogLine>(MAX_LINES, MAX_BYTES, bytesOf);
    this.lines.set(source, lines);
    return lines;
  }

  public onSample(listener: (sample: TimingSample) => void): Unsubscribe {
    return subscribe(this.sampleListeners, listener);
  }
}
