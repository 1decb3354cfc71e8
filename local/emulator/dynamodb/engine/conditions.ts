import { db } from '../dynalite';
import type { Expression, Operand } from '../dynalite/shapes';
import type { AttributeValue, Item } from './model';
import { sameValue } from './same-value';
import { valueAt } from './value-at';

type Arguments = readonly (AttributeValue | undefined)[];
type Predicate = (args: Arguments) => boolean;

/**
 * Evaluates a parsed condition or filter on an item. If the item does not exist, `item` must be empty.
 *
 * Dynalite is used only to parse the expression, because its evaluation has two faults. It compares lists and maps by
 * identity, and it returns true for `a < b` if both attributes are missing.
 */
export function isTrue(expression: Expression, item: Item): boolean {
  const { type, args } = expression;
  if (type === 'and') return args.every((arg) => isTrue(arg as Expression, item));
  if (type === 'or') return args.some((arg) => isTrue(arg as Expression, item));
  if (type === 'not') return !isTrue(args[0] as Expression, item);
  const predicate = predicates.get(type === 'function' ? (expression.name as string) : type);
  if (!predicate) throw new Error(`The condition parser gave an operator that is not evaluated: ${type}`);
  return predicate(args.map((arg) => resolve(arg, item)));
}

const predicates = new Map<string, Predicate>([
  ['=', ([left, right]) => left !== undefined && sameValue(left, right)],
  ['<>', ([left, right]) => !(left !== undefined && sameValue(left, right))],
  ['<', ([left, right]) => order(left, right) < 0],
  ['<=', ([left, right]) => order(left, right) <= 0],
  ['>', ([left, right]) => order(left, right) > 0],
  ['>=', ([left, right]) => order(left, right) >= 0],
  ['between', ([value, low, high]) => order(value, low) >= 0 && order(value, high) <= 0],
  ['in', ([value, ...candidates]) => value !== undefined && candidates.some((one) => sameValue(value, one))],
  ['attribute_exists', ([value]) => value !== undefined],
  ['attribute_not_exists', ([value]) => value === undefined],
  ['attribute_type', ([value, type]) => value !== undefined && Object.keys(value)[0] === type?.S],
  ['begins_with', ([value, prefix]) => beginsWith(value, prefix)],
  ['contains', ([value, part]) => contains(value, part)],
]);

function resolve(operand: Operand, item: Item): AttributeValue | undefined {
  if (Array.isArray(operand)) return valueAt(operand, item);
  if ('type' in operand) return sizeOf(resolve(operand.args[0], item));
  return operand as AttributeValue;
}

function sizeOf(value: AttributeValue | undefined): AttributeValue | undefined {
  if (!value) return undefined;
  const { S, B, M } = value;
  if (S !== undefined) return { N: String(S.length) };
  if (B !== undefined) return { N: String(Buffer.byteLength(B, 'base64')) };
  if (M) return { N: String(Object.keys(M).length) };
  const members = value.L ?? value.SS ?? value.NS ?? value.BS;
  return members && { N: String(members.length) };
}

/**
 * Compares two values: the result is negative, zero or positive. If the values cannot be ordered, the result is NaN,
 * and every comparison with NaN is false.
 */
function order(left: AttributeValue | undefined, right: AttributeValue | undefined): number {
  if (left?.N !== undefined && right?.N !== undefined) return compare(sortable(left.N, 'N'), sortable(right.N, 'N'));
  if (left?.S !== undefined && right?.S !== undefined) return Buffer.compare(Buffer.from(left.S), Buffer.from(right.S));
  if (left?.B !== undefined && right?.B !== undefined) return compare(sortable(left.B, 'B'), sortable(right.B, 'B'));
  return Number.NaN;
}

/** Encodes a value as a string, so that the order of strings is the order of values. */
function sortable(value: string, type: 'N' | 'B'): string {
  return db.toLexiStr(value, type);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function beginsWith(value: AttributeValue | undefined, prefix: AttributeValue | undefined): boolean {
  if (value?.S !== undefined && prefix?.S !== undefined) return value.S.startsWith(prefix.S);
  if (value?.B === undefined || prefix?.B === undefined) return false;
  return sortable(value.B, 'B').startsWith(sortable(prefix.B, 'B'));
}

function contains(value: AttributeValue | undefined, part: AttributeValue | undefined): boolean {
  if (!value || !part) return false;
  if (value.L) return value.L.some((member) => sameValue(member, part));
  if (part.S !== undefined) return value.S?.includes(part.S) ?? value.SS?.includes(part.S) ?? false;
  if (part.N !== undefined) return value.NS?.includes(part.N) ?? false;
  if (part.B === undefined) return false;
  if (value.B !== undefined) return Buffer.from(value.B, 'base64').includes(Buffer.from(part.B, 'base64'));
  return value.BS?.includes(part.B) ?? false;
}
