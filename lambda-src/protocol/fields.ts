import * as v from 'valibot';
import { CONSTANTS } from './constants';
import type { Json, JsonObject } from './messages';

/** Schemas of single fields. Their messages describe the valid values, and never contain the given value. */

const { limits, patterns } = CONSTANTS;

const matching = (pattern: string, message: string) => v.pipe(v.string(message), v.regex(new RegExp(pattern), message));

export const requestId = matching(
  patterns.requestId,
  `must be a string of 1 to ${limits.requestIdChars} characters out of A-Z a-z 0-9 _ -`,
);

export const name = matching(
  patterns.name,
  `must be a string of 1 to ${limits.nameChars} characters out of A-Z a-z 0-9 _ . - that starts with a letter`,
);

export const eventName = v.union(
  [v.literal(CONSTANTS.attemptEvent), name],
  `must be ${CONSTANTS.attemptEvent}, or a string of 1 to ${limits.nameChars} characters out of A-Z a-z 0-9 _ . - that starts with a letter`,
);

export const topic = matching(
  patterns.topic,
  `must be a string of 1 to ${limits.topicChars} characters out of A-Z a-z 0-9 _ . : / -`,
);

const printable = (pattern: string, max: number) =>
  matching(pattern, `must be a string of 1 to ${max} printable ASCII characters without spaces`);

export const trace = printable(patterns.trace, limits.traceChars);
export const epoch = printable(patterns.epoch, limits.epochChars);
export const ref = printable(patterns.ref, limits.refChars);
export const token = printable(patterns.token, limits.tokenChars);

export const cursor = printable(patterns.cursor, limits.cursorChars);

/** A string of at most `max` UTF-16 code units. */
export const text = (max: number) => {
  const message = `must be a string of at most ${max} characters`;
  return v.pipe(v.string(message), v.maxLength(max, message));
};

export const integer = (min: number, max = Number.MAX_SAFE_INTEGER) => {
  const message = `must be an integer from ${min} to ${max === Number.MAX_SAFE_INTEGER ? '2^53 - 1' : max}`;
  return v.pipe(v.number(message), v.safeInteger(message), v.minValue(min, message), v.maxValue(max, message));
};

const SHA256 = 'must be a SHA-256 digest in base64: 44 characters';
export const sha256 = matching(patterns.sha256, SHA256);

/** Number of bytes of a payload. The action's limit is checked later, because its error names the limit. */
export const byteCount = integer(1);

/** A deadline after the acceptance. The bound keeps the time of the deadline within the integers that can be stored. */
export const deadlineMs = integer(1, CONSTANTS.timing.deadlineDays * 86_400_000);

export const pageSize = integer(1, limits.listMax);

const PERCENTAGE = 'must be a number from 0 to 100';
export const percentage = v.pipe(v.number(PERCENTAGE), v.minValue(0, PERCENTAGE), v.maxValue(100, PERCENTAGE));

const SECONDS = 'must be a number of seconds, 0 or more';
export const seconds = v.pipe(v.number(SECONDS), v.minValue(0, SECONDS));

export const flag = v.boolean('must be true or false');

/** Any JSON value. Its structure was checked before the schema is applied. */
export const json = v.custom<Json>((value) => value !== undefined, 'is required and must be a JSON value');

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isHeader = (value: unknown): boolean => typeof value === 'string' && value.length <= limits.headerChars;

export const jsonObject = v.custom<JsonObject>(isObject, 'must be an object');

export const status = v.picklist(
  ['PENDING', 'WAITING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const,
  `must be one of ${CONSTANTS.statuses.join(', ')}`,
);

const STATUSES = `must be an array of 1 to ${CONSTANTS.statuses.length} of ${CONSTANTS.statuses.join(', ')}`;
export const statusList = v.pipe(
  v.array(status, STATUSES),
  v.minLength(1, STATUSES),
  v.maxLength(CONSTANTS.statuses.length, STATUSES),
);

/** Schema of an object. It keeps the named fields and drops all others. */
export const fields = <const T extends v.ObjectEntries>(entries: T) =>
  v.object(entries, (issue) =>
    issue.kind === 'schema' && issue.expected === 'Object' ? 'must be an object' : 'is required',
  );

export const payloadDigest = fields({ bytes: byteCount, sha256 });

const URL_RULE = `must be a URL of at most ${limits.urlChars} characters`;
/** A presigned URL. */
export const url = matching(patterns.url, URL_RULE);

export const download = fields({ url, bytes: byteCount, sha256 });

/** Headers by name. `v.record` is not used, because it would add a kilobyte to the router. */
export const headers = v.custom<Record<string, string>>(
  (value) => isObject(value) && Object.values(value).every(isHeader),
  `must be an object of strings of at most ${limits.headerChars} characters`,
);

const DEBOUNCE_KEY = `must be a string of 1 to ${limits.debounceKeyChars} characters`;
const debounceMs = integer(1, CONSTANTS.timing.debounceHours * 3_600_000);

export const debounceRule = fields({
  key: v.pipe(v.string(DEBOUNCE_KEY), v.minLength(1, DEBOUNCE_KEY), v.maxLength(limits.debounceKeyChars, DEBOUNCE_KEY)),
  waitMs: debounceMs,
  maxWaitMs: v.optional(debounceMs),
});

export const wireError = fields({
  code: matching(
    patterns.errorCode,
    'must be a string of 1 to 64 characters out of A-Z 0-9 _ that starts with a letter',
  ),
  message: text(limits.errorMessageChars),
  retryable: flag,
  details: v.optional(json),
  retryAfter: v.optional(seconds),
});
