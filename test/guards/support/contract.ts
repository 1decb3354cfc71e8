import * as ts from 'typescript';
import { BOUNDS, DEFAULTS, DEV_CONTEXT, ENV, METADATA, METRIC_NAMESPACE, METRICS } from '../../../src/contract';
import { nodesOf, placeOf } from './sources';

/** Strings of the contract, with the expression that stands for each. */
const STRINGS: ReadonlyMap<string, string> = new Map([
  ...Object.entries(ENV).map(([key, value]): [string, string] => [value, `ENV.${key}`]),
  ...Object.entries(METADATA).map(([key, value]): [string, string] => [value, `METADATA.${key}`]),
  ...Object.entries(METRICS).map(([key, { name }]): [string, string] => [name, `METRICS.${key}`]),
  [DEV_CONTEXT, 'DEV_CONTEXT'],
]);

/** Numbers of the contract by the path of each: `DEFAULTS.limits.maxEvents`. */
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
 * Names that are too general to be compared wherever they get a number: `timeoutMs` of a process is not that of an action. As the name of an option with a
 * default they are compared.
 */
const COMMON_NAMES = new Set(['timeoutms', 'initialms', 'ms', 'min', 'max', 'attempt', 'attempts']);

/** Smallest number that is compared by its value alone. Smaller ones are too frequent. */
const LEAST_VALUE = 1_001;

/** Strings of the contract that a source file writes again. */
export function repeatedStrings(source: ts.SourceFile): string[] {
  return [...nodesOf(source)].flatMap((node) => {
    const text = stringOf(node);
    const found = [...STRINGS].filter(([value]) => text !== undefined && holds(text, value));
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

/** Whether the text holds the value as a whole word. Names of metrics are words of everyday sentences, so they count only alone. */
function holds(text: string, value: string): boolean {
  if (!/[_:]/.test(value)) return text === value;
  const at = text.indexOf(value);
  return at >= 0 && !/[\w:]/.test(text.charAt(at + value.length));
}

/** A number that a source file gives to a name, as the initial value or as the default. */
interface Given {
  readonly node: ts.Node;
  readonly name: string;
  readonly value: number;
  /** Whether the number is a `Duration`, in milliseconds. */
  readonly duration: boolean;
  /** Whether the number applies where no other value is given: `{ x = 1 }`, `x ?? 1`. */
  readonly isDefault: boolean;
}

/** Numbers that a source file gives to a name of the contract, whatever their value. */
export function namedNumbers(source: ts.SourceFile): string[] {
  return givenNumbers(source).flatMap(({ node, name, value, isDefault }) => {
    const path = [...NUMBERS.keys()].find((each) => plain(each.split('.').at(-1) ?? '') === plain(name));
    if (path === undefined || (COMMON_NAMES.has(plain(name)) && !isDefault) || value <= 1) return [];
    return [`${placeOf(node)}: gives ${value} to \`${name}\`, which is ${path} of src/contract`];
  });
}

/** Numbers that a source file writes again by their value. @param coincidences `file name` of equal numbers that mean something else */
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

/** One form of `MAX_RESULT_BYTES`, `maxResultBytes` and `resultBytes`. */
const plain = (name: string): string =>
  name
    .replaceAll('_', '')
    .toLowerCase()
    .replace(/^(default|max|min)+(?=.)/, '');

function givenNumbers(source: ts.SourceFile): Given[] {
  return [...nodesOf(source)].flatMap((node) => {
    const value = numberOf(node);
    if (value === undefined || numberOf(node.parent) !== undefined) return [];
    return [
      { node, name: nameOf(node), value, duration: /^Duration\./.test(node.getText()), isDefault: isDefault(node) },
    ];
  });
}

const isDefault = ({ parent }: ts.Node): boolean =>
  ts.isBindingElement(parent) || ts.isParameter(parent) || ts.isBinaryExpression(parent);

/** Name of the variable, property or parameter that takes the value; empty for any other place. */
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

/** Value of a literal, a product of literals, a `Duration` in milliseconds or a `Size` in bytes. */
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
