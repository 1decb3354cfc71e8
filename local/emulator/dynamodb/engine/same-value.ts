import type { AttributeValue, Item } from './model';

/**
 * Whether two values are equal for DynamoDB: the same type and the same content. The order of sets and maps has no
 * effect. Numbers are already normalized when they are stored.
 */
export function sameValue(left: AttributeValue | undefined, right: AttributeValue | undefined): boolean {
  if (left === right) return true;
  if (!left || !right) return false;
  if (left.L && right.L) return sameList(left.L, right.L);
  if (left.M && right.M) return sameItem(left.M, right.M);
  for (const type of ['SS', 'NS', 'BS'] as const) {
    const [members, others] = [left[type], right[type]];
    if (members && others) return sameSet(members, others);
  }
  for (const type of ['S', 'N', 'B', 'BOOL', 'NULL'] as const) {
    if (left[type] !== undefined) return left[type] === right[type];
  }
  return false;
}

export function sameItem(left: Item, right: Item): boolean {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => sameValue(left[name], right[name]));
}

function sameList(left: readonly AttributeValue[], right: readonly AttributeValue[]): boolean {
  return left.length === right.length && left.every((value, index) => sameValue(value, right[index]));
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  const members = new Set(left);
  return left.length === right.length && right.every((member) => members.has(member));
}
