import type { Expression, Operand, ParsedRequest } from '../dynalite/shapes';
import type { Item } from './model';
import { valueAt } from './value-at';

interface UpdateSection {
  readonly type: string;
  readonly path: readonly (string | number)[];
  readonly val?: Operand;
}

/**
 * Replaces operands of an update by the values that the item had before the update. Otherwise dynalite would read
 * values that earlier steps of the same update have changed.
 *
 * Values of document paths on the right side of a SET are copied. Dynalite would store the same object twice, so that
 * `SET a = b ADD b :n` would also change `a`. Removals come last and begin at the end of an array, so that earlier
 * removals do not shift the indexes of later ones.
 */
export function withFixedValues(data: ParsedRequest, before: Item): ParsedRequest {
  if (!data._updates) return data;
  const all: UpdateSection[] = data._updates.sections;
  const removals = all.filter((section) => section.type === 'remove').sort(byRemovalOrder);
  const others = all.filter((section) => section.type !== 'remove').map((section) => withFixedValue(section, before));
  return { ...data, _updates: { ...data._updates, sections: [...others, ...removals] } };
}

function withFixedValue(section: UpdateSection, before: Item): UpdateSection {
  return section.type === 'set' && section.val ? { ...section, val: fixed(section.val, before) } : section;
}

/** Sorts deeper paths first, then later elements of a list. The order of names has no effect. */
function byRemovalOrder(one: UpdateSection, other: UpdateSection): number {
  return other.path.length - one.path.length || elementIndex(other) - elementIndex(one);
}

function elementIndex({ path }: UpdateSection): number {
  const last = path.at(-1);
  return typeof last === 'number' ? last : -1;
}

/**
 * Replaces a path by its value. A path without a value stays unchanged. It is an error, unless it is the first argument
 * of `if_not_exists`, which has a default.
 */
function fixed(operand: Operand, before: Item): Operand {
  if (Array.isArray(operand)) {
    const value = valueAt(operand, before);
    return value ? structuredClone(value) : operand;
  }
  if (!('type' in operand)) return operand;
  const expression = operand as Expression;
  const [first, ...rest] = expression.args.map((arg) => fixed(arg, before));
  if (expression.name === 'if_not_exists') return Array.isArray(first) ? rest[0] : first;
  return { ...expression, args: [first, ...rest] };
}
