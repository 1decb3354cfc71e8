import { expectList, expectString } from './expect';
import { evaluate, type IntrinsicContext } from './intrinsics';

/** Evaluates an expression of a template's Conditions. */
export function evaluateCondition(expression: unknown, context: IntrinsicContext, path: string): boolean {
  const [entry, ...others] = typeof expression === 'object' && expression !== null ? Object.entries(expression) : [];
  if (!entry || others.length > 0) {
    return context.fail(`expected one condition function, got: ${JSON.stringify(expression)}`, path);
  }
  const [name, argument] = entry;
  const decide = OPERATORS.get(name);
  return decide
    ? decide(argument, context, `${path}.${name}`)
    : context.fail(`${name} is not supported in a condition`, path);
}

type Operator = (argument: unknown, context: IntrinsicContext, path: string) => boolean;

const OPERATORS = new Map<string, Operator>([
  ['Condition', (name, context, path) => context.condition(expectString(name, context, path), path)],
  ['Fn::Equals', equals],
  ['Fn::And', (argument, context, path) => all(argument, context, path).every(Boolean)],
  ['Fn::Or', (argument, context, path) => all(argument, context, path).some(Boolean)],
  ['Fn::Not', (argument, context, path) => !all(argument, context, path, 1)[0]],
]);

function equals(argument: unknown, context: IntrinsicContext, path: string): boolean {
  const [left, right] = expectList(argument, context, path, 2).map((side) => evaluate(side, context, path));
  return JSON.stringify(left) === JSON.stringify(right);
}

function all(argument: unknown, context: IntrinsicContext, path: string, length?: number): boolean[] {
  return expectList(argument, context, path, length).map((operand, i) =>
    evaluateCondition(operand, context, `${path}.${i}`),
  );
}
