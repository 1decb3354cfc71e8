import type { AttributeValue, Item } from './model';

/**
 * Returns the value at a document path. It reads only own properties, because an attribute may have the name of an
 * inherited property, such as `constructor`.
 */
export function valueAt(path: readonly (string | number)[], item: Item): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item };
  for (const piece of path) {
    if (typeof piece === 'number') value = value?.L?.[piece];
    else value = value?.M && Object.hasOwn(value.M, piece) ? value.M[piece] : undefined;
  }
  return value;
}
