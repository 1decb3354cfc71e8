import { type Check, type Condition, defined, isRef, type Scalar, type Update, type Write } from '../../core';

/** Placeholders for the names and values of an expression, numbered in the order of their use. */
export class Placeholders {
  public readonly names: Record<string, string> = {};
  public readonly values: Record<string, unknown> = {};
  private readonly seen = new Map<string, string>();

  public name(attribute: string): string {
    const known = this.seen.get(attribute);
    if (known) return known;
    const placeholder = `#${this.seen.size}`;
    this.seen.set(attribute, placeholder);
    this.names[placeholder] = attribute;
    return placeholder;
  }

  public value(value: unknown): string {
    const placeholder = `:${Object.keys(this.values).length}`;
    this.values[placeholder] = value;
    return placeholder;
  }
}

const OPERATORS = { eq: '=', lt: '<', lte: '<=', gt: '>' } as const;

/** Converts a condition to a DynamoDB expression. Its counterpart in memory is `holds`. */
export function conditionExpression(condition: Condition, to: Placeholders): string {
  switch (condition.op) {
    case 'exists':
      return `attribute_exists(${to.name(condition.attribute)})`;
    case 'absent':
      return `attribute_not_exists(${to.name(condition.attribute)})`;
    case 'and':
    case 'or':
      return condition.all.map((c) => operand(c, to, condition.all.length)).join(` ${condition.op.toUpperCase()} `);
    default: {
      const { value } = condition;
      const right = isRef(value) ? to.name(value.attribute) : to.value(value satisfies Scalar);
      return `${to.name(condition.attribute)} ${OPERATORS[condition.op]} ${right}`;
    }
  }
}

/**
 * Adds parentheses to a condition that is part of another one and itself has several parts. Other conditions get none, because DynamoDB refuses
 * redundant parentheses.
 */
function operand(condition: Condition, to: Placeholders, siblings: number): string {
  const text = conditionExpression(condition, to);
  return siblings > 1 && isCompound(condition) ? `(${text})` : text;
}

function isCompound(condition: Condition): boolean {
  const isGroup = condition.op === 'and' || condition.op === 'or';
  return isGroup && (condition.all.length > 1 || isCompound(condition.all[0]));
}

/** Converts an update to a DynamoDB expression. Its counterpart in memory is `apply`. */
export function updateExpression({ set = {}, add = {}, remove = [] }: Update, to: Placeholders): string {
  const clause = (keyword: string, parts: string[]) => (parts.length > 0 ? [`${keyword} ${parts.join(', ')}`] : []);
  const assignments = Object.entries(defined(set)).map(([name, value]) => `${to.name(name)} = ${to.value(value)}`);
  const additions = Object.entries(add).map(([name, by]) => `${to.name(name)} ${to.value(by)}`);
  const removals = remove.map((name) => to.name(name));
  return [...clause('SET', assignments), ...clause('ADD', additions), ...clause('REMOVE', removals)].join(' ');
}

/** Adds an id to a write. If the result of the write is unknown, the id shows later whether the item comes from this write. */
export function stamped<W extends Write | Check>(write: W, writeId: string): W {
  if (write.kind === 'put') return { ...write, attributes: { ...write.attributes, writeId } };
  if (write.kind === 'update') return { ...write, set: { ...write.set, writeId } };
  return write;
}
