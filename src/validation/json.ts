import { Token } from 'aws-cdk-lib';
import { BOUNDS } from '../contract';
import { reject } from './errors';

const REMEDY = 'JSON values are null, booleans, finite numbers, strings, arrays and plain objects';

/** A value inside another one. */
interface Place {
  /** The property that holds the value, with the path to the value: `schedules[0].input.ids[2]`. */
  readonly path: string;
  /** The arrays and objects that contain the value, from the outside to the inside. */
  readonly parents: readonly unknown[];
}

/**
 * Refuses a value that JSON would leave out or change, or that JSON cannot represent. Also refuses a value that no message of the protocol may
 * contain. The error names the path to the value. Tokens are accepted.
 */
export function validateJson(prop: string, value: unknown): void {
  check(value, { path: prop, parents: [] });
}

function check(value: unknown, place: Place): void {
  const { path } = place;
  if (Token.isUnresolved(value) || value === null || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (typeof value === 'string') refuseSurrogate(path, value);
  else checkContainer(value, place);
}

function checkContainer(value: unknown, { path, parents }: Place): void {
  if (typeof value !== 'object' || value === null || !isPlain(value)) reject(path, 'be a JSON value', value, REMEDY);
  if (parents.includes(value)) reject(path, 'be a JSON value', 'an object that contains itself', REMEDY);
  // The message of the request is the first level.
  if (parents.length + 2 > BOUNDS.inputDepth) {
    reject(path, `be nested at most ${BOUNDS.inputDepth - 1} levels deep`, 'a deeper value');
  }
  const inside = { parents: [...parents, value] };
  if (Array.isArray(value)) checkArray(value, path, inside);
  else checkObject(value, path, inside);
}

/** Checks by indexes, because JSON converts the holes of an array to null. */
function checkArray(value: readonly unknown[], path: string, inside: Pick<Place, 'parents'>): void {
  for (let i = 0; i < value.length; i++) {
    if (!(i in value)) reject(`${path}[${i}]`, 'be a JSON value', 'a hole in the array', REMEDY);
    check(value[i], { ...inside, path: `${path}[${i}]` });
  }
}

/** Checks the own properties. As in JSON, a property that is undefined counts as absent. */
function checkObject(value: object, path: string, inside: Pick<Place, 'parents'>): void {
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    refuseSurrogate(path, key);
    if (key === '__proto__' || (key === 'constructor' && hasPrototype(item))) {
      reject(path, 'have no key that could change the prototype of an object', key, 'Rename the key');
    }
    check(item, { ...inside, path: `${path}.${key}` });
  }
}

function refuseSurrogate(path: string, text: string): void {
  if (/\p{Surrogate}/u.test(text)) reject(path, 'have no lone surrogate', text);
}

const hasPrototype = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');

const isPlain = (value: object): boolean =>
  Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));
