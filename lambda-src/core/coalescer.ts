import type { JsonObject } from '../protocol';
import { CONSTANTS } from '../protocol';
import type { Progress } from './log';

/** Decides when progress is sent and when it is stored. Latest wins; within an attempt the percentage never falls. */
export interface Coalescer {
  /** Takes a report. Parts that it leaves out stay as they were. */
  report(progress: Progress): void;
  /** What to do now, and in how many milliseconds to ask again, if there is anything left to do. */
  next(now: number): { readonly send: boolean; readonly persist: boolean; readonly waitMs?: number };
  sent(now: number): void;
  persisted(now: number): void;
  readonly latest: Progress;
  /** Whether something was reported that is not stored yet. */
  readonly dirty: boolean;
}

/** The head of the log is written at most this often. */
export const PERSIST_INTERVAL_MS = 1_000;

export function coalescer(ratePerSecond: number): Coalescer {
  const sendIntervalMs = 1_000 / ratePerSecond;
  let latest: Progress = {};
  let unsent = false;
  let unpersisted = false;
  let sentAt = Number.NEGATIVE_INFINITY;
  let persistedAt = Number.NEGATIVE_INFINITY;

  return {
    report(progress) {
      latest = { ...latest, ...clean(progress, latest) };
      unsent = unpersisted = true;
    },
    next(now) {
      const sendIn = unsent ? Math.max(0, sentAt + sendIntervalMs - now) : undefined;
      const persistIn = unpersisted ? Math.max(0, persistedAt + PERSIST_INTERVAL_MS - now) : undefined;
      const waits = [sendIn, persistIn].filter((ms): ms is number => ms !== undefined && ms > 0);
      return {
        send: sendIn === 0,
        persist: persistIn === 0,
        ...(waits.length > 0 && { waitMs: Math.ceil(Math.min(...waits)) }),
      };
    },
    sent(now) {
      sentAt = now;
      unsent = false;
    },
    persisted(now) {
      persistedAt = now;
      unpersisted = false;
    },
    get latest() {
      return latest;
    },
    get dirty() {
      return unpersisted;
    },
  };
}

/** Only what the wire allows: a handler's slip must not cost its result. */
function clean(progress: Progress, before: Progress): Progress {
  const { percentage, message, metadata } = progress;
  return {
    ...(typeof percentage === 'number' && Number.isFinite(percentage) && { percentage: raise(percentage, before) }),
    ...(message !== undefined && { message: String(message).slice(0, CONSTANTS.limits.progressMessageChars) }),
    ...(isObject(metadata) && { metadata }),
  };
}

function raise(percentage: number, before: Progress): number {
  return Math.max(before.percentage ?? 0, Math.min(100, Math.max(0, percentage)));
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
