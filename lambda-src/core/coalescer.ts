import type { JsonObject } from '../protocol';
import { CONSTANTS, exceedsBytes } from '../protocol';
import { toJsonText } from './json-text';
import type { Progress } from './log';

/** Decides when progress is sent and when it is stored. Only the latest report counts. Within an attempt the percentage never falls. */
export interface Coalescer {
  /**
   * Keeps a report. Fields that the report omits keep their values. The function does nothing else, because handlers may send thousands of reports.
   *
   * @returns whether this report may be due earlier than `next` returned last
   */
  report(progress: Progress): boolean;
  /**
   * Returns the actions that are due now, and the milliseconds until the next call. `waitMs` is undefined if nothing remains to be done. The interval
   * until a report is stored begins with the first call after the report.
   */
  next(now: number): { readonly send: boolean; readonly persist: boolean; readonly waitMs?: number };
  sent(now: number): void;
  persisted(): void;
  /** Schedules the latest report again, because a viewer has not received it. */
  sendAgain(): void;
  /** Schedules the latest report to be stored again, because it could not be stored. */
  persistAgain(): void;
  /**
   * The report in the form that a client accepts. Fields that a client would refuse are removed when this property is read, not when the handler
   * reports.
   */
  readonly latest: Progress;
  /** Number of `latest`, from 1. The same number identifies the same report, so a viewer that receives a report twice can drop the second one. */
  readonly seq: number;
  /** Whether the latest report has not been sent. */
  readonly unsent: boolean;
  /** Whether the latest report has not been stored. */
  readonly unpersisted: boolean;
}

/**
 * Milliseconds after which a report is stored on the log's head. Only the latest report is stored then, so this is also the minimum time between two
 * writes. A report of an attempt that ends earlier is stored by the write that ends the run, which needs no write of its own.
 */
export const PERSIST_INTERVAL_MS = 2_000;
/**
 * Maximum bytes of metadata; larger metadata is left out. The limit is needed, because one answer to `attach` contains the metadata together with a
 * page of the log.
 */
const MAX_METADATA_BYTES = 16 * 1024;

export const coalescer = (ratePerSecond: number): Coalescer => new LatestReport(1_000 / ratePerSecond);

class LatestReport implements Coalescer {
  private cleaned: Progress = {};
  private number = 0;
  private readonly reported: { percentage?: number; message?: string; metadata?: JsonObject } = {};
  private isNew = false;
  public unsent = false;
  public unpersisted = false;
  private sentAt = Number.NEGATIVE_INFINITY;
  /** Time at which `next` first saw a report that is not stored. */
  private unpersistedSince: number | undefined;

  public constructor(private readonly sendIntervalMs: number) {}

  public report({ percentage, message, metadata }: Progress): boolean {
    const { reported } = this;
    if (typeof percentage === 'number' && Number.isFinite(percentage)) {
      if (reported.percentage === undefined || percentage > reported.percentage) reported.percentage = percentage;
    }
    if (typeof message === 'string') reported.message = message;
    if (isObject(metadata)) reported.metadata = metadata;
    const mayBeEarlier = !this.unsent || !this.unpersisted;
    this.isNew = this.unsent = this.unpersisted = true;
    return mayBeEarlier;
  }

  public next(now: number) {
    const sendIn = this.unsent ? Math.max(0, this.sentAt + this.sendIntervalMs - now) : undefined;
    if (this.unpersisted) this.unpersistedSince ??= now;
    const since = this.unpersistedSince;
    const persistIn = since === undefined ? undefined : Math.max(0, since + PERSIST_INTERVAL_MS - now);
    const waits = [sendIn, persistIn].filter((ms): ms is number => ms !== undefined && ms > 0);
    return {
      send: sendIn === 0,
      persist: persistIn === 0,
      ...(waits.length > 0 && { waitMs: Math.ceil(Math.min(...waits)) }),
    };
  }

  public sent(now: number): void {
    this.sentAt = now;
    this.unsent = false;
  }

  public persisted(): void {
    this.unpersisted = false;
    this.unpersistedSince = undefined;
  }

  public sendAgain(): void {
    this.unsent = true;
  }

  public persistAgain(): void {
    this.unpersisted = true;
  }

  public get latest(): Progress {
    this.update();
    return this.cleaned;
  }

  public get seq(): number {
    this.update();
    return this.number;
  }

  /** Combines all reports since the last call into one report with a new number. */
  private update(): void {
    if (!this.isNew) return;
    this.cleaned = { ...this.cleaned, ...clean(this.reported) };
    // Clears these fields, because the handler may change its objects later.
    this.reported.message = this.reported.metadata = undefined;
    this.isNew = false;
    this.number += 1;
  }
}

/** Keeps only values that the protocol allows. A report with other values must not fail the handler. */
function clean({ percentage, message, metadata }: Progress): Progress {
  return {
    ...(percentage !== undefined && { percentage: Math.min(100, Math.max(0, percentage)) }),
    ...(message !== undefined && { message: cleanMessage(message) }),
    ...(metadata !== undefined && cleanMetadata(metadata)),
  };
}

const CUT_IN_A_CHARACTER = /[\ud800-\udbff]$/;

function cleanMessage(message: string): string {
  const max = CONSTANTS.limits.progressMessageChars;
  const cut = message.length > max ? message.slice(0, max).replace(CUT_IN_A_CHARACTER, '') : message;
  return cut.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** Returns the metadata as it is after serialization; empty if a client would refuse it. */
function cleanMetadata(metadata: JsonObject): Progress {
  try {
    const text = toJsonText(metadata);
    const value: unknown = JSON.parse(text);
    return isObject(value) && !exceedsBytes(text, MAX_METADATA_BYTES) ? { metadata: value } : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
