import * as ts from 'typescript';
import { BOUNDS, DEFAULTS, DEV_CONTEXT, ENV, METADATA, METRIC_NAMESPACE, METRICS } from '../../../src/contract';
import { nodesOf, placeOf } from './sources';

/** Strings of the contract, with the expression that a module should use instead. */
const STRINGS: ReadonlyMap<string, string> = new Map([
  ...Object.entries(ENV).map(([key, value]): [string, string] => [value, `ENV.${key}`]),
  ...Object.entries(METADATA).map(([key, value]): [string, string] => [value, `METADATA.${key}`]),
  ...Object.entries(METRICS).map(([key, { name }]): [string, string] => [name, `METRICS.${key}`]),
  [DEV_CONTEXT, 'DEV_CONTEXT'],
]);

/** Numbers of the contract by their paths, such as `DEFAULTS.limits.maxEvents`. */
export const NUMBERS: ReadonlyMap<string, number> = new Map([
  ...numbersOf('DEFAULTS', DEFAULTS),
  ...numbersOf('BOUNDS', BOUNDS),
]);

function numbersOf(path: string, value: unknown): [string, number][] {
  if (typeof value === 'number') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => numbersOf(`${path}.${key}`, each));
}

/**
 * Names that are too general to be compared wherever they get a number. For example, the `timeoutMs` of a process is not that of an action. They are
 * compared only if they are options with a default.
 */
const COMMON_NAMES = new Set(['timeoutms', 'initialms', 'ms', 'min', 'max', 'attempt', 'attempts']);

/** Smallest number that the guard compares by its value alone. Smaller numbers are too frequent. */
const LEAST_VALUE = 1_001;

/** Returns the strings of the contract that a source file repeats. */
export function repeatedStrings(source: ts.SourceFile): string[] {
  return nodesOf(source).flatMap((node) => {
    const text = stringOf(node);
    if (text === undefined) return [];
    const found = [...STRINGS].filter(([value]) => holds(text, value));
    const namespace = text === METRIC_NAMESPACE && /namespace/i.test(node.parent.getText().split('\n')[0]);
    return [
      ...found.map(([value, name]) => `${placeOf(node)}: writes '${value}', which is ${name} of src/contract`),
      ...(namespace ? [`${placeOf(node)}: writes the namespace of the metrics, which is METRIC_NAMESPACE`] : []),
    ];
  });
}

function stringOf(node: ts.Node): string | undefined {
  return ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
    ? node.text
    : undefined;
}

/** Whether a string contains the value as a whole word. Names of metrics are also words of normal sentences, so they must equal the whole string. */
function holds(text: string, value: string): boolean {
  if (!/[_:]/.test(value)) return text === value;
  const at = text.indexOf(value);
  return at >= 0 && !/[\w:]/.test(text.charAt(at + value.length));
}

/** A number that a source file assigns to a name, as the initial value or as the default. */
interface Given {
  readonly node: ts.Node;
  readonly name: string;
  readonly value: number;
  /** Whether the number is a `Duration`, in milliseconds. */
  readonly duration: boolean;
  /** Whether the number is a default, which applies if there is no other value: `{ x = 1 }`, `x ?? 1`. */
  readonly isDefault: boolean;
}

/** Returns the numbers that a source file assigns to names of the contract, whatever the numbers are. */
export function namedNumbers(source: ts.SourceFile): string[] {
  return givenNumbers(source).flatMap(({ node, name, value, isDefault }) => {
    const path = [...NUMBERS.keys()].find((each) => plain(each.split('.').at(-1) ?? '') === plain(name));
    if (path === undefined || (COMMON_NAMES.has(plain(name)) && !isDefault) || value <= 1) return [];
    return [`${placeOf(node)}: gives ${value} to \`${name}\`, which is ${path} of src/contract`];
  });
}

/** Returns the numbers of the contract that a source file repeats. @param coincidences `file name` of equal numbers with another meaning */
export function repeatedNumbers(source: ts.SourceFile, coincidences: ReadonlySet<string>): string[] {
  return givenNumbers(source).flatMap(({ node, name, value, duration }) => {
    const equal = [...NUMBERS].find(([path, number]) => milliseconds(path, number, duration) === value);
    const place = `${source.fileName.split('/').at(-1)} ${name}`;
    if (!equal || value < LEAST_VALUE || coincidences.has(place)) return [];
    return [`${placeOf(node)}: writes ${node.getText()} (\`${place}\`), which is ${equal[0]} of src/contract`];
  });
}

const milliseconds = (path: string, number: number, duration: boolean): number =>
  duration && path.endsWith('Seconds') ? number * 1000 : number;

/** Converts `MAX_RESULT_BYTES`, `maxResultBytes` and `resultBytes` to the same string. */
const plain = (name: string): string =>
  name
    .replaceAll('_', '')
    .toLowerCase()
    .replace(/^(default|max|min)+(?=.)/, '');

function givenNumbers(source: ts.SourceFile): Given[] {
  return nodesOf(source).flatMap((node) => {
    const value = numberOf(node);
    if (value === undefined || numberOf(node.parent) !== undefined) return [];
    return [
      { node, name: nameOf(node), value, duration: /^Duration\./.test(node.getText()), isDefault: isDefault(node) },
    ];
  });
}

const isDefault = ({ parent }: ts.Node): boolean =>
  ts.isBindingElement(parent) || ts.isParameter(parent) || ts.isBinaryExpression(parent);

/** Returns the name of the variable, property or parameter that gets the value; empty if there is none. */
function nameOf(node: ts.Node): string {
  const { parent } = node;
  if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) {
    return /\w+$/.exec(parent.left.getText())?.[0] ?? '';
  }
  const named =
    ts.isVariableDeclaration(parent) ||
    ts.isPropertyAssignment(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isBindingElement(parent) ||
    ts.isParameter(parent);
  if (!named || parent.initializer !== node) return '';
  return ((ts.isBindingElement(parent) && parent.propertyName) || parent.name).getText();
}

const UNITS: Readonly<Record<string, number>> = {
  millis: 1,
  seconds: 1_000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
  bytes: 1,
  kibibytes: 1_024,
  mebibytes: 1_048_576,
};

/** Returns the value of a literal or a product of literals. A `Duration` is converted to milliseconds, and a `Size` to bytes. */
function numberOf(node: ts.Node): number | undefined {
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isParenthesizedExpression(node)) return numberOf(node.expression);
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.AsteriskToken) {
    return product(numberOf(node.left), numberOf(node.right));
  }
  const unit = ts.isCallExpression(node) && /^(?:Duration|Size)\.(\w+)$/.exec(node.expression.getText())?.[1];
  return unit ? product(UNITS[unit], numberOf((node as ts.CallExpression).arguments[0])) : undefined;
}

const product = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? undefined : one * other;
