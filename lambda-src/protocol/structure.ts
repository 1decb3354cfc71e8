/** Structural checks of a JSON value. They apply to every message, before any schema. */

const LONE_SURROGATE = /\p{Surrogate}/u;
const MAX_PATH = 200;

/** A fault in the structure. `reason` describes the value at `path`. */
export interface StructureFault {
  readonly code: 'TOO_DEEP' | 'FORBIDDEN_KEY' | 'INVALID_MESSAGE' | 'MESSAGE_TOO_LARGE';
  readonly path: string;
  readonly reason: string;
}

export interface StructureLimits {
  /** Maximum nesting of arrays and objects; the root counts as 1. */
  readonly depth: number;
  /** Maximum number of values. A value takes at least one byte, so a limit of bytes implies this limit. */
  readonly values: number;
}

interface Container {
  readonly value: object;
  readonly depth: number;
  readonly parent?: Container;
  readonly key?: string;
}

/**
 * Finds a structure that no message may contain. It may be nested too deeply, or have a key that could change a prototype. It may contain a lone
 * surrogate, a number that is not finite, or a value that is not JSON. Fields that are `undefined` count as absent.
 *
 * The search is depth-first but not recursive. So neither 30 KB of `[` nor a cycle can exhaust the stack.
 */
export function findStructureFault(root: object, limits: StructureLimits): StructureFault | undefined {
  const stack: Container[] = [{ value: root, depth: 1 }];
  let values = 0;
  for (let container = stack.pop(); container; container = stack.pop()) {
    const { value } = container;
    const fault = containerFault(container, limits);
    if (fault) return fault;
    const keys = Object.keys(value);
    values += Math.max(keys.length, Array.isArray(value) ? value.length : 0);
    if (values > limits.values) return { code: 'MESSAGE_TOO_LARGE', path: '', reason: 'has too many values' };
    for (const key of keys) {
      const child = (value as Record<string, unknown>)[key];
      const childFault = keyFault(container, key, child) ?? scalarFault(container, key, child);
      if (childFault) return childFault;
      if (typeof child === 'object' && child !== null) {
        stack.push({ value: child, depth: container.depth + 1, parent: container, key });
      }
    }
  }
  return undefined;
}

function containerFault(container: Container, limits: StructureLimits): StructureFault | undefined {
  if (container.depth > limits.depth) {
    return fault('TOO_DEEP', container, undefined, `is nested deeper than ${limits.depth} levels; flatten it`);
  }
  const { value } = container;
  if (Array.isArray(value)) {
    // In JSON, a hole or an `undefined` would become `null`.
    return Object.keys(value).length === value.length
      ? undefined
      : fault('INVALID_MESSAGE', container, undefined, 'must be an array without holes or named fields');
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null
    ? undefined
    : fault('INVALID_MESSAGE', container, undefined, 'must be a plain JSON value');
}

function keyFault(container: Container, key: string, child: unknown): StructureFault | undefined {
  if (key === '__proto__' || (key === 'constructor' && hasOwn(child, 'prototype'))) {
    return fault('FORBIDDEN_KEY', container, key, 'is a key that no message may contain; rename it');
  }
  return LONE_SURROGATE.test(key)
    ? fault('INVALID_MESSAGE', container, undefined, 'has a key with a lone surrogate; send well-formed Unicode')
    : undefined;
}

function scalarFault(container: Container, key: string, child: unknown): StructureFault | undefined {
  switch (typeof child) {
    case 'string':
      return LONE_SURROGATE.test(child)
        ? fault('INVALID_MESSAGE', container, key, 'contains a lone surrogate; send well-formed Unicode')
        : undefined;
    case 'number':
      return Number.isFinite(child)
        ? undefined
        : fault('INVALID_MESSAGE', container, key, 'must be a number that fits a double');
    case 'undefined':
      return Array.isArray(container.value)
        ? fault('INVALID_MESSAGE', container, key, 'must be a JSON value, not undefined')
        : undefined;
    case 'object':
    case 'boolean':
      return undefined;
    default:
      return fault('INVALID_MESSAGE', container, key, `must be a JSON value, not a ${typeof child}`);
  }
}

function hasOwn(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}

function fault(
  code: StructureFault['code'],
  container: Container,
  key: string | undefined,
  reason: string,
): StructureFault {
  const keys: string[] = key === undefined ? [] : [key];
  for (let node: Container | undefined = container; node?.key !== undefined; node = node.parent) keys.unshift(node.key);
  return { code, path: formatPath(keys), reason };
}

/** Returns a dotted path. It is well-formed and short enough to be sent back. */
export function formatPath(keys: readonly (string | number)[]): string {
  const path = keys.join('.').replace(/\p{Surrogate}/gu, '\uFFFD');
  return path.length > MAX_PATH ? `${path.slice(0, MAX_PATH).replace(/\p{Surrogate}$/u, '')}…` : path;
}

const encoder = new TextEncoder();

/** Whether the string takes more than `limit` bytes in UTF-8. The string is encoded only if its length alone does not decide this. */
export function exceedsBytes(text: string, limit: number): boolean {
  if (text.length > limit) return true;
  return text.length * 3 > limit && encoder.encode(text).length > limit;
}
