/** A test of one value of an event; `undefined` stands for an absent field. */
export type Matcher = (value: unknown) => boolean;

/** The operators that a pattern may have in place of a value, by name, each with the function that turns its argument into a test. */
export type Operators = ReadonlyMap<string, (argument: unknown) => Matcher>;

/** A filter pattern that the local run cannot, or Lambda would not, apply. */
export class FilterPatternError extends Error {
  public override readonly name = 'FilterPatternError';
}

type Pattern = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Pattern =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Turns a filter pattern of an event source mapping into a test of events. The operators are the ones that
 * Lambda documents: values, `null`, `equals-ignore-case`, `prefix`, `suffix`, `anything-but`, `numeric`,
 * `exists` and `$or`.
 *
 * @throws FilterPatternError that names an operator of EventBridge which Lambda does not have
 */
export function compilePattern(pattern: unknown): (event: unknown) => boolean {
  return compilePatternWith(OPERATORS, pattern);
}

/**
 * The same with other operators.
 *
 * @throws FilterPatternError that names an operator that is not one of them
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

/** A list in an event matches if one of its elements does. */
function elements(value: unknown): readonly unknown[] {
  return Array.isArray(value) && value.length > 0 ? value : [value];
}

/** A value, or an object of one operator and its argument. */
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

/** @throws FilterPatternError when the argument is no text */
export function onText(
  operator: string,
  wanted: unknown,
  matches: (value: string, wanted: string) => boolean,
): Matcher {
  if (typeof wanted !== 'string') throw nested(operator, wanted);
  return (value) => typeof value === 'string' && matches(value, wanted);
}

/** Matches present values only. */
function anythingBut(argument: unknown): Matcher {
  const excluded = Array.isArray(argument) ? argument : [argument];
  for (const value of excluded) if (typeof value === 'object') throw nested('anything-but', value);
  return (value) => value !== undefined && !isObject(value) && !excluded.includes(value);
}

/** Considers leaves only: an object is not a value that exists. */
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

/** Matches JSON numbers; the numbers of DynamoDB's JSON are strings, so it never matches those. */
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
