import { randomUUID } from 'node:crypto';
import type { StateSlot } from '../state';
import { type Clock, type LogSink, systemClock, type Timer } from '../types';
import { parseTiming, type Schedule, type Timing } from './schedule';
import { Timetable } from './timetable';

/** A destination that a schedule invokes. */
export interface ScheduleTarget {
  /** Name of the target in log lines. */
  readonly name: string;
  /**
   * Passes the input to the target.
   *
   * @param onAnswer called with the target's answer: the result of a function's first attempt, or the acceptance of a queue
   * @throws Error if the target does not accept it
   */
  deliver(json: string, onAnswer: (answer: DeliveryAnswer) => void): void;
  /** Called with an input that the target did not accept in any attempt. @default - the error is only logged */
  readonly onFailure?: (failure: ScheduleFailure) => void;
}

/** Answer of a target to one delivery. */
export type DeliveryAnswer =
  | { readonly ok: true; readonly payload?: unknown }
  | { readonly ok: false; readonly error: Pick<Error, 'name' | 'message'> };

export interface ScheduleFailure {
  readonly json: string;
  readonly error: Error;
  /** Number of repetitions after the first attempt. */
  readonly retries: number;
}

/** An `AWS::Scheduler::Schedule`. */
export interface ScheduleSpec extends Timing {
  /** Name, unique among the schedules of all groups of the run. */
  readonly name: string;
  readonly arn: string;
  /** Whether the schedule is enabled. @default true */
  readonly enabled?: boolean;
  /** `Input` of the target, with keywords such as `<aws.scheduler.scheduled-time>`. @default - the scheduled event */
  readonly input?: string;
  readonly target: ScheduleTarget;
  /** Maximum number of repetitions. @default 185 */
  readonly maxRetries?: number;
  /** Maximum time in milliseconds from the first delivery of a run to the last repetition. @default - 24 hours */
  readonly maxAgeMs?: number;
}

/** Current state of a schedule. Times are in milliseconds since the epoch. */
export interface ScheduleState {
  readonly name: string;
  readonly arn: string;
  readonly expression: string;
  readonly timeZone?: string;
  readonly enabled: boolean;
  /** Time of the next run; absent if there is none. */
  readonly nextAt?: number;
  /** Time of the last run since the start of the emulator. */
  readonly lastAt?: number;
}

/** A run that was started by hand. */
export interface StartedRun {
  /** Scheduled time of the run, in milliseconds since the epoch. */
  readonly time: number;
  /** Input of the target. */
  readonly json: string;
  /** Answer of the target to the first delivery. The promise never rejects. */
  readonly answer: Promise<DeliveryAnswer>;
}

export interface ScheduleServiceOptions {
  readonly log: LogSink;
  readonly clock?: Clock;
  readonly newId?: () => string;
  /** Persistent storage of the times at which rates began. @default - a rate begins when it is added */
  readonly state?: StateSlot;
}

interface Added {
  readonly spec: ScheduleSpec;
  readonly times: Schedule;
  lastAt?: number;
}

/** Time at which the rate of a schedule began. If the expression changes, the rate begins again. */
interface KeptRate {
  readonly arn: string;
  readonly expression: string;
  readonly createdAt: number;
}

interface CurrentRun {
  readonly spec: ScheduleSpec;
  readonly time: number;
  readonly startedAt: number;
  readonly onAnswer: OnAnswer;
}

type OnAnswer = (answer: DeliveryAnswer) => void;

const ignore: OnAnswer = () => undefined;

const MAX_RETRIES = 185;
const MAX_AGE_MS = 86_400_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * The schedules of EventBridge Scheduler. Each run is delivered once. If the target does not accept the delivery, it is
 * repeated.
 */
export class ScheduleService {
  private readonly clock: Clock;
  private readonly newId: () => string;
  private readonly timetable: Timetable;
  private readonly added = new Map<string, Added>();
  private readonly rates = new Map<string, KeptRate>();
  private readonly retries = new Set<Timer>();

  public constructor(private readonly options: ScheduleServiceOptions) {
    this.clock = options.clock ?? systemClock;
    this.newId = options.newId ?? randomUUID;
    this.timetable = new Timetable(this.clock);
    for (const record of (options.state?.restore() ?? []) as KeptRate[]) this.rates.set(record.arn, record);
    options.state?.onSnapshot(() => this.keptRates());
  }

  /**
   * Adds a schedule. Runs that were due before the call are not repeated.
   *
   * @throws ScheduleError for an expression or a time zone that EventBridge Scheduler would refuse
   */
  public add(spec: ScheduleSpec): void {
    const times = parseTiming(spec, this.beginOf(spec));
    this.added.set(spec.name, { spec, times });
    if (spec.enabled === false) return;
    this.timetable.set(spec.name, times, (time) => this.start(spec.name, time));
  }

  /**
   * Runs a schedule now, even if it is disabled. The scheduled time is the current second. If the schedule already had
   * a run in that second, the scheduled time is a later second, because a target may identify a run by its scheduled
   * time.
   *
   * @throws Error if there is no such schedule
   */
  public run(name: string): StartedRun {
    const now = Math.floor(this.clock.now() / 1000) * 1000;
    const { lastAt = 0 } = this.find(name);
    const time = Math.max(now, lastAt + 1000);
    let onAnswer = ignore;
    const answer = new Promise<DeliveryAnswer>((resolve) => {
      onAnswer = resolve;
    });
    return { time, json: this.start(name, time, onAnswer), answer };
  }

  /** Returns all schedules, in the order in which they were added. */
  public list(): ScheduleState[] {
    return [...this.added.values()].map(({ spec, times, lastAt }) => {
      const { name, arn, expression, timeZone, enabled = true } = spec;
      const nextAt = enabled ? times.next(this.clock.now()) : undefined;
      return { name, arn, expression, timeZone, enabled, nextAt, lastAt };
    });
  }

  public close(): void {
    this.timetable.close();
    for (const timer of this.retries) this.clock.clearTimeout(timer);
    this.retries.clear();
  }

  private keptRates(): KeptRate[] {
    const arns = new Set([...this.added.values()].map(({ spec }) => spec.arn));
    return [...this.rates.values()].filter(({ arn }) => arns.has(arn));
  }

  private find(name: string): Added {
    const found = this.added.get(name);
    if (!found) throw new Error(`there is no schedule ${name}`);
    return found;
  }

  /** Returns the time at which the rate of a schedule began, possibly in an earlier run. */
  private beginOf({ arn, expression }: ScheduleSpec): number {
    const kept = this.rates.get(arn);
    if (kept?.expression === expression) return kept.createdAt;
    const record = { arn, expression, createdAt: this.clock.now() };
    if (!expression.startsWith('rate')) return record.createdAt;
    this.rates.set(arn, record);
    this.options.state?.append(record);
    return record.createdAt;
  }

  /** @returns the target's input */
  private start(name: string, time: number, onAnswer: OnAnswer = ignore): string {
    const added = this.find(name);
    added.lastAt = time;
    return this.attempt({ spec: added.spec, time, startedAt: this.clock.now(), onAnswer }, 0);
  }

  /** @returns the target's input */
  private attempt(run: CurrentRun, retries: number): string {
    const { spec, time, startedAt, onAnswer } = run;
    const { name, target } = spec;
    const json = this.inputOf(spec, time, retries + 1);
    try {
      target.deliver(json, onAnswer);
      this.say('info', `${name} → ${target.name}`);
    } catch (thrown) {
      const error = thrown as Error;
      onAnswer({ ok: false, error });
      this.afterFailure(spec, { json, error, retries }, startedAt, () => {
        this.attempt({ ...run, onAnswer: ignore }, retries + 1);
      });
    }
    return json;
  }

  private afterFailure(spec: ScheduleSpec, failure: ScheduleFailure, startedAt: number, again: () => void): void {
    const { name, target, maxRetries = MAX_RETRIES, maxAgeMs = MAX_AGE_MS } = spec;
    const { error, retries } = failure;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** retries);
    const problem = `${name} cannot reach ${target.name}: ${error.message}`;
    if (retries < maxRetries && this.clock.now() + wait <= startedAt + maxAgeMs) {
      this.say('warn', `${problem}; repeated in ${wait / 1000} s`);
      this.retry(wait, again);
    } else {
      this.say('error', problem);
      target.onFailure?.(failure);
    }
  }

  private retry(waitMs: number, again: () => void): void {
    const timer = this.clock.setTimeout(() => {
      this.retries.delete(timer);
      again();
    }, waitMs);
    this.retries.add(timer);
  }

  private inputOf(spec: ScheduleSpec, time: number, attempt: number): string {
    const { arn, input } = spec;
    const values = new Map([
      ['schedule-arn', arn],
      ['scheduled-time', isoTime(time)],
      ['execution-id', this.newId().replaceAll('-', '').slice(0, 16)],
      ['attempt-number', String(attempt)],
    ]);
    const text = input ?? JSON.stringify(this.scheduledEvent(arn, time));
    return text.replace(/<aws\.scheduler\.([a-z-]+)>/g, (keyword, name) => values.get(name) ?? keyword);
  }

  private scheduledEvent(arn: string, time: number): Record<string, unknown> {
    const [, , , region, account] = arn.split(':');
    return {
      version: '0',
      id: this.newId(),
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account,
      time: isoTime(time),
      region,
      resources: [arn],
      detail: '{}',
    };
  }

  private say(level: 'info' | 'warn' | 'error', message: string): void {
    this.options.log({ source: 'schedule', level, message });
  }
}

const isoTime = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;
