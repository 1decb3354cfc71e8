import type { JsonObject } from '../protocol';
import { CONSTANTS, exceedsBytes } from '../protocol';
import { toJsonText } from './json-text';
import type { Progress } from './log';

/** Decides when progress is sent and when it is stored. Latest wins; within an attempt the percentage never falls. */
export interface Coalescer {
  /** Takes a report. Parts that it leaves out stay as they were. */
  report(progress: Progress): void;
  /** What to do now, and in how many milliseconds to ask again, if there is anything left to do. */
  next(now: number): { readonly send: boolean; readonly persist: boolean; readonly waitMs?: number };
  sent(now: number): void;
  persisted(now: number): void;
  /** Sends the latest once more when its turn comes: somebody has not had it. */
  sendAgain(): void;
  /** Stores the latest once more when its turn comes: it could not be stored. */
  persistAgain(): void;
  /** As a client accepts it. */
  readonly latest: Progress;
  /** Whether something was reported that is not sent or not stored yet. */
  readonly dirty: boolean;
}

/** The head of the log is written at most this often. */
export const PERSIST_INTERVAL_MS = 1_000;
/** Metadata larger than this is left out. An answer to `attach` holds it beside a page of the log. */
const MAX_METADATA_BYTES = 16 * 1024;

export function coalescer(ratePerSecond: number): Coalescer {
  const sendIntervalMs = 1_000 / ratePerSecond;
  let latest: Progress = {};
  // reports may come in thousands: only what is sent or stored is looked at
  let metadata: { readonly reported: JsonObject } | undefined;
  let unsent = false;
  let unpersisted = false;
  let sentAt = Number.NEGATIVE_INFINITY;
  let persistedAt = Number.NEGATIVE_INFINITY;

  return {
    report(progress) {
      latest = { ...latest, ...clean(progress, latest) };
      metadata = isObject(progress.metadata) ? { reported: progress.metadata } : metadata;
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
    sendAgain() {
      unsent = true;
    },
    persistAgain() {
      unpersisted = true;
    },
    get latest() {
      if (metadata) latest = { ...latest, ...cleanMetadata(metadata.reported) };
      metadata = undefined;
      return latest;
    },
    get dirty() {
      return unsent || unpersisted;
    },
  };
}

/** Only what the wire allows: a handler's slip must not cost its result. */
function clean({ percentage, message }: Progress, before: Progress): Progress {
  return {
    ...(typeof percentage === 'number' && Number.isFinite(percentage) && { percentage: raise(percentage, before) }),
    ...(typeof message === 'string' && { message: cleanMessage(message) }),
  };
}

function raise(percentage: number, before: Progress): number {
  return Math.max(before.percentage ?? 0, Math.min(100, Math.max(0, percentage)));
}

const CUT_IN_A_CHARACTER = /[\ud800-\udbff]$/;

function cleanMessage(message: string): string {
  const max = CONSTANTS.limits.progressMessageChars;
  const cut = message.length > max ? message.slice(0, max).replace(CUT_IN_A_CHARACTER, '') : message;
  return cut.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** The metadata as JSON has it, or nothing where a client would refuse it. */
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
