import type { GatewayFrame, LogFrame, ProgressFrame, ServerFrame, WireError } from './messages';
import { ATTEMPT_EVENT, isStatus, LIMITS, PATTERNS } from './protocol';

/** A parsed object whose fields have not been checked yet. */
type Fields = Record<string, unknown>;
type Check = (fields: Fields) => boolean;

/**
 * Reads data that arrived over the socket.
 *
 * @returns the frame, or `undefined` for data that a client ignores: binary data, invalid JSON, types and acks of a later version, and
 * frames whose fields do not conform to the protocol
 */
export function parseFrame(data: unknown): ServerFrame | GatewayFrame | undefined {
  const fields = parseJson(data);
  if (!isFields(fields)) return undefined;
  if (isGateway(fields)) return { type: 'gateway', throttled: THROTTLE.test(String(fields.message)) };
  return isServerFrame(fields) ? fields : undefined;
}

const THROTTLE = /^(too many requests|limit exceeded|rate exceeded)$/i;
const isGateway: Check = (f) =>
  f.type === undefined && [f.message, f.connectionId, f.requestId].every((text) => typeof text === 'string');

function parseJson(data: unknown): unknown {
  if (typeof data !== 'string') return undefined;
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isOrdinal = (value: unknown): boolean => isCount(value) && value >= 1;
const isFlag = (value: unknown): boolean => value === undefined || typeof value === 'boolean';
const matches = (pattern: RegExp, value: unknown): boolean => typeof value === 'string' && pattern.test(value);
const isText = (value: unknown, max: number): boolean => typeof value === 'string' && value.length <= max;
const has = (fields: Fields, key: string): boolean => fields[key] !== undefined;

const isEntry: Check = (f) => matches(PATTERNS.id, f.id) && isCount(f.offset) && isOrdinal(f.run);
const isOptionalOrdinal = (value: unknown): boolean => value === undefined || isOrdinal(value);

function isWireError(value: unknown): value is WireError {
  return (
    isFields(value) &&
    matches(PATTERNS.errorCode, value.code) &&
    typeof value.message === 'string' &&
    typeof value.retryable === 'boolean' &&
    (!has(value, 'retryAfter') || (typeof value.retryAfter === 'number' && value.retryAfter >= 0))
  );
}

const isEvent: Check = (f) =>
  isEntry(f) &&
  isOrdinal(f.attempt) &&
  isOrdinal(f.fence) &&
  isOptionalOrdinal(f.slice) &&
  (f.name === ATTEMPT_EVENT || matches(PATTERNS.name, f.name));

const isResult: Check = (f) => isEntry(f) && isOptionalOrdinal(f.attempt) && has(f, 'result');

const isHeaders = (value: unknown): boolean =>
  isFields(value) && Object.values(value).every((header) => typeof header === 'string');

const isDownload = (value: unknown): boolean =>
  value === undefined || (isFields(value) && matches(PATTERNS.url, value.url) && isOrdinal(value.bytes));

const isLogError: Check = (f) =>
  isEntry(f) &&
  isOptionalOrdinal(f.attempt) &&
  isWireError(f.error) &&
  isDownload(f.resultAt) &&
  isDownload(f.partialAt);

const isRefusal: Check = (f) =>
  (!has(f, 'id') || matches(PATTERNS.id, f.id)) &&
  (!has(f, 'topic') || matches(PATTERNS.topic, f.topic)) &&
  isFlag(f.ran) &&
  isWireError(f.error);

const isPercentage = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 100;

const isReport: Check = (f) =>
  (!has(f, 'percentage') || isPercentage(f.percentage)) &&
  (!has(f, 'message') || isText(f.message, LIMITS.progressMessageChars)) &&
  (!has(f, 'metadata') || isFields(f.metadata));

const isProgress: Check = (f) =>
  matches(PATTERNS.id, f.id) &&
  isOrdinal(f.run) &&
  isOrdinal(f.attempt) &&
  isOrdinal(f.fence) &&
  isOptionalOrdinal(f.slice) &&
  isCount(f.seq) &&
  isCount(f.afterOffset) &&
  isReport(f);

const LOG_CHECKS = new Map<unknown, Check>([
  ['event', isEvent],
  ['result', isResult],
  ['error', isLogError],
]);

function isLogFrameOf(id: unknown, value: unknown): value is LogFrame {
  return isFields(value) && value.id === id && LOG_CHECKS.get(value.type)?.(value) === true;
}

function isProgressOf(id: unknown, value: unknown): value is ProgressFrame {
  return isFields(value) && value.type === 'progress' && value.id === id && isProgress(value);
}

const isSnapshot = (value: unknown): boolean =>
  isFields(value) &&
  isCount(value.offset) &&
  isOrdinal(value.run) &&
  isOrdinal(value.attempt) &&
  isOrdinal(value.fence) &&
  isOptionalOrdinal(value.slice) &&
  has(value, 'data');

const isRequestAck: Check = (f) =>
  matches(PATTERNS.id, f.id) &&
  isStatus(f.status) &&
  matches(PATTERNS.epoch, f.epoch) &&
  matches(PATTERNS.ref, f.ref) &&
  isCount(f.offset) &&
  isOrdinal(f.run) &&
  (f.entries === undefined || (Array.isArray(f.entries) && f.entries.every((entry) => isLogFrameOf(f.id, entry)))) &&
  (f.progress === undefined || isProgressOf(f.id, f.progress)) &&
  (!has(f, 'snapshot') || isSnapshot(f.snapshot)) &&
  isFlag(f.more) &&
  isFlag(f.recovered);

const isTopicMessage: Check = (f) =>
  matches(PATTERNS.topic, f.topic) && isCount(f.offset) && matches(PATTERNS.epoch, f.epoch) && has(f, 'data');

const isMessageOf = (topic: unknown, value: unknown): boolean =>
  isFields(value) && value.type === 'message' && value.topic === topic && isTopicMessage(value);

const isSubscribeAck: Check = (f) =>
  matches(PATTERNS.topic, f.topic) &&
  matches(PATTERNS.epoch, f.epoch) &&
  isCount(f.offset) &&
  (f.entries === undefined || (Array.isArray(f.entries) && f.entries.every((entry) => isMessageOf(f.topic, entry)))) &&
  isFlag(f.more) &&
  isFlag(f.recovered);

/** Checks of an ack's fields, by the type of the acknowledged message in `for`. An ack of a request has no `for`. */
const ACK_CHECKS = new Map<unknown, Check>([
  [undefined, isRequestAck],
  ['cancel', (f) => matches(PATTERNS.id, f.id) && isStatus(f.status) && isOrdinal(f.run)],
  ['subscribe', isSubscribeAck],
  ['unsubscribe', (f) => matches(PATTERNS.topic, f.topic)],
  ['publish', (f) => matches(PATTERNS.topic, f.topic) && matches(PATTERNS.id, f.id)],
  ['input', (f) => matches(PATTERNS.id, f.id) && matches(PATTERNS.id, f.request)],
  ['upload', (f) => matches(PATTERNS.id, f.id) && matches(PATTERNS.url, f.url) && isHeaders(f.headers)],
]);

const isAck: Check = (f) => ACK_CHECKS.get(f.for)?.(f) === true;

const isListed = (f: unknown): boolean =>
  isFields(f) &&
  matches(PATTERNS.id, f.id) &&
  matches(PATTERNS.name, f.action) &&
  isStatus(f.status) &&
  isCount(f.createdAt) &&
  matches(PATTERNS.epoch, f.epoch) &&
  matches(PATTERNS.ref, f.ref) &&
  isOrdinal(f.run) &&
  isCount(f.attempt) &&
  (!has(f, 'progress') || (isFields(f.progress) && isReport(f.progress))) &&
  (!has(f, 'error') || isWireError(f.error));

const isRequests: Check = (f) =>
  matches(PATTERNS.id, f.id) &&
  Array.isArray(f.requests) &&
  f.requests.every(isListed) &&
  (!has(f, 'cursor') || matches(PATTERNS.cursor, f.cursor));

const CHECKS = new Map<unknown, Check>([
  ['ack', isAck],
  ['response', (f) => matches(PATTERNS.id, f.id) && has(f, 'result')],
  ['progress', isProgress],
  ['message', isTopicMessage],
  ['event', isEvent],
  ['result', isResult],
  ['error', (f) => (f.offset === undefined ? isRefusal(f) : isLogError(f))],
  ['requests', isRequests],
  ['pong', () => true],
]);

function isServerFrame(fields: Fields): fields is Fields & ServerFrame {
  return CHECKS.get(fields.type)?.(fields) === true;
}
