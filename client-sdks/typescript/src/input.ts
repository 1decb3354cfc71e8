import { StreamerError } from './errors';
import { LIMITS, PATTERNS } from './protocol';

const LONE_SURROGATE = /\p{Surrogate}/u;
const encoder = new TextEncoder();

/**
 * The text of a message that a server would take.
 *
 * @throws StreamerError `MESSAGE_TOO_LARGE` above 32,768 bytes of UTF-8
 */
export function encodeMessage(message: object): string {
  const text = JSON.stringify(message);
  const bytes = encoder.encode(text).length;
  if (bytes > LIMITS.frameBytes) {
    throw new StreamerError(
      'MESSAGE_TOO_LARGE',
      `The message takes ${bytes} bytes, more than the limit of ${LIMITS.frameBytes}; send less, or send a reference to the data.`,
    );
  }
  return text;
}

/**
 * The text of a `request`.
 *
 * @throws StreamerError `INVALID_MESSAGE` for a bad id or action, `INVALID_INPUT`, `TOO_DEEP` or `FORBIDDEN_KEY` for an
 *   input that no JSON can hold, `MESSAGE_TOO_LARGE`
 */
export function encodeRequest(id: string, action: string, input: unknown): string {
  checkId(id);
  checkAction(action);
  if (input === undefined) return encodeMessage({ type: 'request', id, action });
  checkValue(input, '', undefined, 2);
  return encodeMessage({ type: 'request', id, action, input });
}

/**
 * The text of a `publish`.
 *
 * @throws StreamerError `INVALID_MESSAGE` for a bad id or topic, `INVALID_INPUT`, `TOO_DEEP` or `FORBIDDEN_KEY` for data that
 *   no JSON can hold, `MESSAGE_TOO_LARGE`
 */
export function encodePublish(topic: string, id: string, data: unknown): string {
  checkTopic(topic);
  checkId(id);
  checkValue(data, '', undefined, 2);
  return encodeMessage({ type: 'publish', topic, id, data });
}

/** @throws StreamerError `INVALID_MESSAGE` */
export function checkTopic(topic: unknown): void {
  if (typeof topic === 'string' && PATTERNS.topic.test(topic)) return;
  throw new StreamerError('INVALID_MESSAGE', `\`topic\` must match ${PATTERNS.topic}.`);
}

/** @throws StreamerError `INVALID_MESSAGE` */
export function checkId(id: unknown): void {
  if (typeof id === 'string' && PATTERNS.id.test(id)) return;
  throw new StreamerError('INVALID_MESSAGE', `\`id\` must match ${PATTERNS.id}.`);
}

/** @throws StreamerError `INVALID_MESSAGE` */
export function checkAction(action: unknown): void {
  if (typeof action === 'string' && PATTERNS.name.test(action)) return;
  throw new StreamerError('INVALID_MESSAGE', `\`action\` must match ${PATTERNS.name}.`);
}

/** Walks a value as `JSON.stringify` would, and refuses what that would drop, change or fail on. */
function checkValue(value: unknown, path: string, parents: Parents, depth: number): void {
  switch (typeof value) {
    case 'boolean':
      return;
    case 'string':
      if (LONE_SURROGATE.test(value)) refuse(path, 'has a lone surrogate');
      return;
    case 'number':
      if (!Number.isFinite(value)) refuse(path, `is ${value}, which JSON cannot hold`);
      return;
    case 'object':
      if (value !== null) checkContainer(value, path, parents, depth);
      return;
    default:
      refuse(path, `is of type ${typeof value}, which JSON cannot hold`);
  }
}

interface Parent {
  readonly value: object;
  readonly up: Parents;
}
type Parents = Parent | undefined;

function checkContainer(value: object, path: string, up: Parents, depth: number): void {
  for (let parent = up; parent; parent = parent.up) if (parent.value === value) refuse(path, 'refers to itself');
  if (depth > LIMITS.depth) {
    throw new StreamerError('TOO_DEEP', `${at(path)} is nested deeper than ${LIMITS.depth} levels; flatten it.`);
  }
  const parents: Parents = { value, up };
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    checkValue(value.toJSON(), path, parents, depth);
  } else if (Array.isArray(value)) {
    // By index, so that a hole is seen: it would turn into null.
    for (let i = 0; i < value.length; i++) checkValue(value[i], join(path, String(i)), parents, depth + 1);
  } else {
    checkObject(value, path, parents, depth);
  }
}

function checkObject(value: object, path: string, parents: Parents, depth: number): void {
  const tag = Object.prototype.toString.call(value);
  if (tag !== '[object Object]') refuse(path, `is an ${tag.slice(1, -1)}, which JSON cannot hold`);
  for (const [key, child] of Object.entries(value)) {
    if (LONE_SURROGATE.test(key)) refuse(path, 'has a key with a lone surrogate');
    if (key === '__proto__' || (key === 'constructor' && Object.hasOwn(Object(child), 'prototype'))) {
      throw new StreamerError('FORBIDDEN_KEY', `${at(path)} has the key \`${key}\`, which no message may hold.`);
    }
    // An optional field that is undefined is absent, as everywhere in JSON.
    if (child !== undefined) checkValue(child, join(path, key), parents, depth + 1);
  }
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);
const at = (path: string): string => (path === '' ? 'The input' : `\`${path.slice(0, 200)}\` of the input`);

function refuse(path: string, problem: string): never {
  throw new StreamerError('INVALID_INPUT', `${at(path)} ${problem}.`, {
    details: { issues: [{ path: path.slice(0, 200), message: problem }] },
  });
}
