/** Test of one value in an event. `undefined` means that the field is absent. */
export type Matcher = (value: unknown) => boolean;

/** Operators of patterns by name. Each has a function that converts the operator's argument to a test. */
export type Operators = ReadonlyMap<string, (argument: unknown) => Matcher>;

/** Error for a filter pattern that the local run does not support or Lambda would refuse. */
export class FilterPatternError extends Error {
  public override readonly name = 'FilterPatternError';
}

type Pattern = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Pattern =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Compiles a filter pattern of an event source mapping to a test of events. It supports the operators that Lambda
 * documents: values, `null`, `equals-ignore-case`, `prefix`, `suffix`, `anything-but`, `numeric`, `exists` and `$or`.
 *
 * @throws FilterPatternError that names an operator of EventBridge that Lambda does not support
 */
export function compilePattern(pattern: unknown): (event: unknown) => boolean {
  return compilePatternWith(OPERATORS, pattern);
}

/**
 * Compiles a filter pattern with the given operators.
 *
 * @throws FilterPatternError that names an unknown operator
 */
export function compilePatternWith(operators: Operators, pattern: unknown): (event: unknown) => boolean {
  if (!isObject(pattern))
    throw new FilterPatternError(`a filter pattern must be an object, got: ${JSON.stringify(pattern)}`);
  const parts = Object.entries(pattern).map(([key, value]) =>
    key === '$or' ? compileOr(value, operators) : compileField(key, value, operators),
  );
  return (event) => parts.every((matches) => matches(event));
}

function compileOr(alternatives: unknown, operators: Operators): Matcher {
  if (!Array.isArray(alternatives) || alternatives.length < 2) {
    throw new FilterPatternError('`$or` must be an array of at least two patterns');
  }
  const compiled = alternatives.map((pattern) => compilePatternWith(operators, pattern));
  return (event) => compiled.some((matches) => matches(event));
}

function compileField(key: string, value: unknown, operators: Operators): Matcher {
  if (isObject(value)) {
    const nested = compilePatternWith(operators, value);
    return (event) => elements(field(event, key)).some(nested);
  }
  if (!Array.isArray(value) || value.length === 0) {
    throw new FilterPatternError(`\`${key}\` must be an object or an array of values, got: ${JSON.stringify(value)}`);
  }
  const conditions = value.map((condition) => compileCondition(condition, operators));
  return (event) => elements(field(event, key)).some((candidate) => conditions.some((matches) => matches(candidate)));
}

function field(event: unknown, key: string): unknown {
  return isObject(event) && Object.hasOwn(event, key) ? event[key] : undefined;
}

/**
 * Returns the elements of an array, because an array matches if one of its elements matches. Any other value is the
 * only element.
 */
function elements(value: unknown): readonly unknown[] {
  return Array.isArray(value) && value.length > 0 ? value : [value];
}

/** Compiles a value, or an object with one operator and its argument. */
export function compileCondition(condition: unknown, operators: Operators): Matcher {
  if (!isObject(condition)) return (value) => value === condition;
  const [[operator, argument] = ['', undefined], ...others] = Object.entries(condition);
  const build = operators.get(operator);
  if (!build) throw new FilterPatternError(`the filter operator \`${operator}\` is not supported`);
  if (others.length > 0) throw new FilterPatternError(`\`${operator}\` must be the only key of its condition`);
  return build(argument);
}

/** Operators of Lambda's filters. */
export const OPERATORS: Operators = new Map<string, (argument: unknown) => Matcher>([
  [
    'equals-ignore-case',
    (argument) =>
      onText('equals-ignore-case', argument, (value, wanted) => value.toLowerCase() === wanted.toLowerCase()),
  ],
  ['prefix', (argument) => onText('prefix', argument, (value, wanted) => value.startsWith(wanted))],
  ['suffix', (argument) => onText('suffix', argument, (value, wanted) => value.endsWith(wanted))],
  ['anything-but', anythingBut],
  ['numeric', numeric],
  ['exists', exists],
]);

/**
 * Creates a test of strings for an operator.
 *
 * @throws FilterPatternError if the operator's argument is not a string
 */
export function onText(
  operator: string,
  wanted: unknown,
  matches: (value: string, wanted: string) => boolean,
): Matcher {
  if (typeof wanted !== 'string') throw nested(operator, wanted);
  return (value) => typeof value === 'string' && matches(value, wanted);
}

/** Compiles `anything-but`. Absent values never match. */
function anythingBut(argument: unknown): Matcher {
  const excluded = Array.isArray(argument) ? argument : [argument];
  for (const value of excluded) if (typeof value === 'object') throw nested('anything-but', value);
  return (value) => value !== undefined && !isObject(value) && !excluded.includes(value);
}

/** Compiles `exists`. It applies only to leaf values, so an object does not count as existing. */
function exists(argument: unknown): Matcher {
  if (typeof argument !== 'boolean') throw nested('exists', argument);
  return (value) => (value !== undefined && !isObject(value)) === argument;
}

const COMPARISONS = new Map<unknown, (a: number, b: number) => boolean>([
  ['=', (a, b) => a === b],
  ['<', (a, b) => a < b],
  ['<=', (a, b) => a <= b],
  ['>', (a, b) => a > b],
  ['>=', (a, b) => a >= b],
]);

/**
 * Compiles `numeric`. It matches only JSON numbers, so it never matches numbers in DynamoDB's JSON, which are strings.
 */
function numeric(argument: unknown): Matcher {
  if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4)) throw nested('numeric', argument);
  const tests: ((value: number) => boolean)[] = [];
  for (let i = 0; i < argument.length; i += 2) {
    const compare = COMPARISONS.get(argument[i]);
    const bound: unknown = argument[i + 1];
    if (!compare || typeof bound !== 'number') throw nested('numeric', argument);
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function nested(operator: string, argument: unknown): FilterPatternError {
  const inner = isObject(argument) ? Object.keys(argument)[0] : undefined;
  if (inner) return new FilterPatternError(`the filter operator \`${operator}\` with \`${inner}\` is not supported`);
  return new FilterPatternError(`the filter operator \`${operator}\` does not take ${JSON.stringify(argument)}`);
}
