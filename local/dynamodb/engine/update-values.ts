import type { Expression, Operand, ParsedRequest } from '../dynalite/shapes';
import type { Item } from './model';
import { valueAt } from './value-at';

interface UpdateSection {
  readonly type: string;
  readonly val?: Operand;
}

/**
 * Replaces the document paths on the right of a SET by copies of what they point to in the item before the update.
 * Dynalite would put the same object in both places, so that `SET a = b ADD b :n` also changed `a`.
 */
export function withFixedValues(data: ParsedRequest, before: Item): ParsedRequest {
  if (!data._updates) return data;
  const sections = data._updates.sections.map((section: UpdateSection) =>
    section.type === 'set' && section.val ? { ...section, val: fixed(section.val, before) } : section,
  );
  return { ...data, _updates: { ...data._updates, sections } };
}

/** A path to nothing stays as it is: it is an error, unless a default stands beside it. */
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
