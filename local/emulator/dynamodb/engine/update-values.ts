import type { Expression, Operand, ParsedRequest } from '../dynalite/shapes';
import type { Item } from './model';
import { valueAt } from './value-at';

interface UpdateSection {
  readonly type: string;
  readonly path: readonly (string | number)[];
  readonly val?: Operand;
}

/**
 * An update that refers to the item before it, whatever the order in which dynalite takes its steps.
 *
 * Copies the values of document paths on the right of a SET; dynalite would put the same object in both
 * places, so that `SET a = b ADD b :n` also changed `a`. Removals come last, and from the end of an array, so that no index
 * refers to another element than before.
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

/** Deeper paths first, then later elements of a list; the order of names does not matter. */
function byRemovalOrder(one: UpdateSection, other: UpdateSection): number {
  return other.path.length - one.path.length || elementIndex(other) - elementIndex(one);
}

function elementIndex({ path }: UpdateSection): number {
  const last = path.at(-1);
  return typeof last === 'number' ? last : -1;
}

/** A path without a value stays unchanged: it is an error, unless there is a default for it. */
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
