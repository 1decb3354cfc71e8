import { checkCount } from '../util/numbers';
import { StreamerError } from './errors';
import type { PayloadDigest, RequestStatus } from './messages';
import { isStatus, LIMITS, PATTERNS } from './protocol';

// `\p{Surrogate}` is not used, because Hermes does not support it.
const LONE_SURROGATE = /[\ud800-\udfff]/u;

/**
 * Encodes a message, and checks that a server would accept its size.
 * @throws StreamerError `MESSAGE_TOO_LARGE` above 32,768 bytes of UTF-8
 */
export function encodeMessage(message: object): string {
  const text = JSON.stringify(message);
  const bytes = utf8Length(text);
  if (isTooLong(bytes)) {
    throw new StreamerError(
      'MESSAGE_TOO_LARGE',
      `The message takes ${bytes} bytes, more than the limit of ${LIMITS.frameBytes}; send less, or send a reference to the data.`,
    );
  }
  return text;
}

const isTooLong = (bytes: number): boolean => bytes > LIMITS.frameBytes;

/** A request whose message would be too large, because of its input. */
export interface LargeRequest {
  readonly id: string;
  readonly action: string;
  /** The input as JSON. */
  readonly input: string;
  /** Encodes the message, with a reference to the uploaded input. */
  frame(upload: PayloadDigest): string;
}

/** Fields of a `request` in addition to its action and input. */
export interface RequestFields {
  /** Time before which the work must not start: a date, or epoch milliseconds. */
  readonly processAfter?: Date | number;
  /** Time in milliseconds from the acceptance after which the request ends. */
  readonly deadlineMs?: number;
  /** Priority class of the action. */
  readonly priority?: string;
  readonly debounce?: Debounce;
}

/** Rule by which a request replaces earlier ones. */
export interface Debounce {
  /** Key of 1 to 128 characters. A request replaces earlier requests of the same user, action and key. */
  readonly key: string;
  /** Minimum time in milliseconds from the acceptance of this request to the start of the work, 1 to 86,400,000. */
  readonly waitMs: number;
  /** Maximum time in milliseconds from the first of these requests to the start of the work, `waitMs` to 86,400,000. Default: no maximum. */
  readonly maxWaitMs?: number;
}

/**
 * Encodes a `request`.
 *
 * @param onLarge called if the message would be too large; its return value is returned. Without it, such a request is refused
 * @throws StreamerError `INVALID_MESSAGE` for an invalid id, action, time, class or debounce, `INVALID_INPUT`, `TOO_DEEP` or `FORBIDDEN_KEY` for an input that
 * JSON cannot represent, `MESSAGE_TOO_LARGE`
 */
export function encodeRequest<T = never>(
  id: string,
  action: string,
  input: unknown,
  fields: RequestFields = {},
  onLarge?: (large: LargeRequest) => T,
): string | T {
  checkId(id);
  checkAction(action);
  const { deadlineMs, priority } = fields;
  checkCount('deadlineMs', deadlineMs, 1, LIMITS.deadlineMs);
  if (priority !== undefined) checkName('priority', priority, PATTERNS.name);
  const start = { notBefore: notBeforeOf(fields), deadlineMs, priority, debounce: debounceOf(fields) };
  const message = { type: 'request', id, action, input: input === undefined ? undefined : plain(input), ...start };
  if (!onLarge || !isTooLong(utf8Length(JSON.stringify(message)))) return encodeMessage(message);
  const frame = (upload: PayloadDigest) => encodeMessage({ ...message, input: undefined, upload });
  return onLarge({ id, action, input: JSON.stringify(message.input), frame });
}

function debounceOf({ debounce, processAfter }: RequestFields): Debounce | undefined {
  if (debounce === undefined) return undefined;
  if (processAfter !== undefined) refuseField('debounce', 'must be absent if `processAfter` is given');
  if (typeof debounce !== 'object' || debounce === null) refuseField('debounce', 'must be an object');
  const { key, waitMs, maxWaitMs } = debounce;
  const isKey = typeof key === 'string' && key !== '' && key.length <= LIMITS.debounceKeyChars;
  if (!isKey || LONE_SURROGATE.test(key)) {
    refuseField('debounce.key', `must be a string of 1 to ${LIMITS.debounceKeyChars} characters`);
  }
  checkDelay('debounce.waitMs', waitMs, 1);
  if (maxWaitMs !== undefined) checkDelay('debounce.maxWaitMs', maxWaitMs, waitMs);
  return { key, waitMs, maxWaitMs };
}

function checkDelay(field: string, ms: number, min: number): void {
  if (Number.isSafeInteger(ms) && ms >= min && ms <= LIMITS.debounceMs) return;
  refuseField(field, `must be an integer from ${min} to ${LIMITS.debounceMs}`);
}

function notBeforeOf({ processAfter }: RequestFields): number | undefined {
  if (processAfter === undefined) return undefined;
  const ms = Math.ceil(Number(processAfter));
  const isTime = processAfter instanceof Date || typeof processAfter === 'number';
  if (!isTime || !Number.isSafeInteger(ms) || ms < 0) {
    refuseField('processAfter', 'must be a valid Date, or a number of milliseconds since 1970');
  }
  // The server checks the same bound with its own clock.
  if (ms - Date.now() > LIMITS.aheadMs) {
    refuseField('processAfter', `must be at most ${LIMITS.aheadMs / 86_400_000} days ahead, got: ${ms} ms since 1970`);
  }
  return ms;
}

/**
 * Encodes a `publish`.
 *
 * @throws StreamerError `INVALID_MESSAGE` for an invalid id or topic, `INVALID_INPUT`, `TOO_DEEP` or `FORBIDDEN_KEY` for data that JSON
 * cannot represent, `MESSAGE_TOO_LARGE`
 */
export function encodePublish(topic: string, id: string, data: unknown): string {
  checkTopic(topic);
  checkId(id);
  return encodeMessage({ type: 'publish', topic, id, data: plain(data) });
}

/**
 * Encodes an `input`.
 *
 * @throws StreamerError `INVALID_MESSAGE` for an invalid id, request or name, `INVALID_INPUT`, `TOO_DEEP` or `FORBIDDEN_KEY` for data that JSON cannot
 * represent, `MESSAGE_TOO_LARGE`
 */
export function encodeInput(id: string, request: string, name: string, data: unknown): string {
  checkId(id);
  // The error names `id`, because the parameter for the request is `id` in all functions that send a message.
  if (!isMatch(request, PATTERNS.id)) refuseField('id', `of the request must match ${PATTERNS.id}`);
  checkName('name', name, PATTERNS.name);
  const message = { type: 'input', id, request, name };
  return encodeMessage(data === undefined ? message : { ...message, data: plain(data) });
}

/** The requests that a `list` asks for. */
export interface ListFields {
  readonly action?: string;
  readonly status?: RequestStatus | readonly RequestStatus[];
  readonly limit?: number;
  readonly cursor?: string;
}

/** Encodes a `list`. @throws StreamerError `INVALID_MESSAGE` for an invalid field */
export function encodeList(id: string, fields: ListFields): string {
  checkId(id);
  return encodeMessage({ type: 'list', id, ...listFields(fields) });
}

/** Returns the fields of a `list` without the absent ones. @throws StreamerError `INVALID_MESSAGE` for an invalid field */
export function listFields({ action, status, limit, cursor }: ListFields): object {
  const statuses = status === undefined ? undefined : typeof status === 'string' ? [status] : [...status];
  if (action !== undefined) checkAction(action);
  if (statuses && !(statuses.length > 0 && statuses.every(isStatus)))
    refuseField('status', 'must be a status or an array of statuses');
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1 && limit <= LIMITS.listMax))
    refuseField('limit', `must be an integer from 1 to ${LIMITS.listMax}`);
  if (cursor !== undefined) checkName('cursor', cursor, PATTERNS.cursor);
  return { action, status: statuses && [...new Set(statuses)], limit, cursor };
}

/**
 * Encodes a `cancel`.
 *
 * @throws StreamerError `INVALID_MESSAGE` for an invalid id or reason
 */
export function encodeCancel(id: string, reason?: string): string {
  checkId(id);
  if (reason !== undefined) checkReason(reason);
  return encodeMessage({ type: 'cancel', id, reason });
}

/** @throws StreamerError `INVALID_MESSAGE` */
export function checkReason(reason: unknown): void {
  const isReason = typeof reason === 'string' && reason.length <= LIMITS.reasonChars && !LONE_SURROGATE.test(reason);
  if (!isReason) refuseField('reason', `must be a string of at most ${LIMITS.reasonChars} characters`);
}

/** @throws StreamerError `INVALID_MESSAGE` */
export function checkTopic(topic: unknown): void {
  checkName('topic', topic, PATTERNS.topic);
}

/** @throws StreamerError `INVALID_MESSAGE` */
export function checkId(id: unknown): void {
  checkName('id', id, PATTERNS.id);
}

/** @throws StreamerError `INVALID_MESSAGE` */
export function checkAction(action: unknown): void {
  checkName('action', action, PATTERNS.name);
}

/** @throws StreamerError `INVALID_MESSAGE` */
export function checkName(field: string, value: unknown, pattern: RegExp): void {
  if (!isMatch(value, pattern)) refuseField(field, `must match ${pattern}`);
}

const isMatch = (value: unknown, pattern: RegExp): boolean => typeof value === 'string' && pattern.test(value);

/** Checks the position from which a request or topic continues after the application has restarted. @throws StreamerError `INVALID_MESSAGE` */
export function checkPosition({ offset, epoch }: { readonly offset?: unknown; readonly epoch?: unknown }): void {
  checkCount('offset', offset);
  if (epoch !== undefined) checkName('epoch', epoch, PATTERNS.epoch);
}

/** @throws StreamerError `INVALID_MESSAGE` */
export function refuseField(field: string, problem: string): never {
  throw new StreamerError('INVALID_MESSAGE', `\`${field}\` ${problem}.`);
}

/** Returns the number of UTF-8 bytes of a well-formed string. `TextEncoder` is not used, because not every platform has it. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (const char of text) bytes += char.length === 2 ? 4 : char < '\x80' ? 1 : char < '\u0800' ? 2 : 3;
  return bytes;
}

interface Place {
  readonly path: string;
  readonly depth: number;
  /** The arrays and objects that contain the value, from the inside to the outside. */
  readonly parents?: Parent;
}

interface Parent {
  readonly value: object;
  readonly up?: Parent;
}

/**
 * Copies a value as JSON represents it. Refuses values that `JSON.stringify` would drop, change or fail on. The value is read only once, because its
 * own code (getters, `toJSON`, the traps of a proxy) may return another value the next time.
 */
function plain(value: unknown, place: Place = { path: '', depth: 2 }): unknown {
  const { path } = place;
  const json = guarded(path, () => jsonOf(value, path));
  switch (typeof json) {
    case 'boolean':
      return json;
    case 'string':
      if (LONE_SURROGATE.test(json)) refuse(path, 'has a lone surrogate');
      return json;
    case 'number':
      if (!Number.isFinite(json)) refuse(path, `is ${json}, which JSON cannot represent`);
      return json;
    case 'object':
      return json && plainContainer(json, place);
    default:
      return refuse(path, `is of type ${typeof json}, which JSON cannot represent`);
  }
}

function jsonOf(value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON !== 'function') return value;
  const json: unknown = toJSON.call(value, path.slice(path.lastIndexOf('.') + 1));
  if (json === null && Number.isNaN(value.valueOf())) refuse(path, 'is an invalid date, which JSON cannot represent');
  return json;
}

function plainContainer(value: object, { path, depth, parents }: Place): unknown {
  for (let parent = parents; parent; parent = parent.up) if (parent.value === value) refuse(path, 'refers to itself');
  if (depth > LIMITS.depth) {
    throw new StreamerError('TOO_DEEP', `${at(path)} is nested deeper than ${LIMITS.depth} levels; flatten it.`);
  }
  const inside = { depth: depth + 1, parents: { value, up: parents } };
  const child = (key: string, item: unknown) => plain(item, { ...inside, path: path === '' ? key : `${path}.${key}` });
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    // The loop uses indexes to find holes, which JSON would convert to null.
    for (let i = 0; i < value.length; i++)
      items.push(
        child(
          String(i),
          guarded(path, () => value[i]),
        ),
      );
    return items;
  }
  return Object.fromEntries(entriesOf(value, path).map(([key, item]) => [key, child(key, item)]));
}

function entriesOf(value: object, path: string): [string, unknown][] {
  const [tag, entries] = guarded(path, () => [Object.prototype.toString.call(value), Object.entries(value)] as const);
  if (tag !== '[object Object]') refuse(path, `is an ${tag.slice(1, -1)}, which JSON cannot represent`);
  for (const [key, item] of entries) {
    if (LONE_SURROGATE.test(key)) refuse(path, 'has a key with a lone surrogate');
    if (key === '__proto__' || (key === 'constructor' && Object.hasOwn(Object(item), 'prototype'))) {
      throw new StreamerError('FORBIDDEN_KEY', `${at(path)} has the key \`${key}\`, which no message may contain.`);
    }
  }
  // As in `JSON.stringify`, a property that is undefined counts as absent.
  return entries.filter(([, item]) => item !== undefined);
}

/** Reads a property. Its getter is code of the application, so it may throw. */
function guarded<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof StreamerError) throw error;
    return refuse(path, 'cannot be read, because its getter or its `toJSON` throws', error);
  }
}

const at = (path: string): string => (path === '' ? 'The input' : `\`${path.slice(0, 200)}\` of the input`);

function refuse(path: string, problem: string, cause?: unknown): never {
  throw new StreamerError('INVALID_INPUT', `${at(path)} ${problem}.`, {
    cause,
    details: { issues: [{ path: path.slice(0, 200), message: problem }] },
  });
}
