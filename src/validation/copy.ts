/**
 * Copies options deeply, so that later changes by their owner have no effect on the construct. Plain objects and arrays are copied. Instances of
 * classes, such as constructs and Durations, and tokens stay the same.
 */
export function copyOptions<T>(options: T): T {
  return copy(options, new Map()) as T;
}

/** @param copies copies by their originals, because an invalid value may contain itself */
function copy(value: unknown, copies: Map<unknown, unknown>): unknown {
  const known = copies.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) {
    // `slice` keeps the holes of an array, which validation refuses.
    const items = value.slice();
    copies.set(value, items);
    for (const at of items.keys()) if (at in items) items[at] = copy(items[at], copies);
    return items;
  }
  if (!isPlain(value) || typeof (value as { resolve?: unknown }).resolve === 'function') return value;
  const object = Object.create(Object.getPrototypeOf(value));
  copies.set(value, object);
  for (const [name, item] of Object.entries(value)) {
    // An assignment to `__proto__` would change the prototype.
    Object.defineProperty(object, name, { ...WRITABLE, value: copy(item, copies) });
  }
  return object;
}

const WRITABLE = { configurable: true, enumerable: true, writable: true } as const;

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));
