import { expectList, expectString, expectText } from './expect';
import { substitute } from './substitute';

/** The value of a property that `Ref: AWS::NoValue` removes. */
export const NO_VALUE: unique symbol = Symbol('AWS::NoValue');

/** The parts of a stack that intrinsic functions read. */
export interface IntrinsicContext {
  ref(name: string, path: string): unknown;
  getAtt(logicalId: string, attribute: string, path: string): unknown;
  importValue(exportName: string, path: string): unknown;
  condition(name: string, path: string): boolean;
  findInMap(map: string, topKey: string, secondKey: string, path: string): unknown;
  fail(problem: string, path: string): never;
}

type Intrinsic = (argument: unknown, context: IntrinsicContext, path: string) => unknown;

const FUNCTIONS = new Map<string, Intrinsic>([
  ['Ref', (name, context, path) => context.ref(expectString(name, context, path), path)],
  ['Fn::GetAtt', getAtt],
  ['Fn::Join', join],
  ['Fn::Sub', sub],
  ['Fn::Select', select],
  ['Fn::Split', split],
  ['Fn::If', choose],
  ['Fn::FindInMap', findInMap],
  ['Fn::ImportValue', (name, context, path) => context.importValue(text(name, context, path), path)],
  ['Fn::Base64', (value, context, path) => Buffer.from(text(value, context, path)).toString('base64')],
  ['Fn::GetAZs', availabilityZones],
  ['Fn::Length', (list, context, path) => expectList(evaluate(list, context, path), context, path).length],
  ['Fn::ToJsonString', (value, context, path) => JSON.stringify(evaluate(value, context, path))],
]);

/**
 * Replaces all intrinsic functions in a value of a template. Properties with the value {@link NO_VALUE} are left out.
 */
export function evaluate(value: unknown, context: IntrinsicContext, path: string): unknown {
  if (Array.isArray(value)) {
    return value.map((item, i) => evaluate(item, context, `${path}.${i}`)).filter((item) => item !== NO_VALUE);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const name = intrinsicName(value);
  return name === undefined ? evaluateObject(value, context, path) : call(name, Object.values(value)[0], context, path);
}

/** Returns the name of the intrinsic function that an object calls, or undefined. */
export function intrinsicName(value: object): string | undefined {
  const keys = Object.keys(value);
  const [name] = keys;
  return keys.length === 1 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::')) ? name : undefined;
}

function evaluateObject(value: object, context: IntrinsicContext, path: string): unknown {
  const entries = Object.entries(value).map(([key, item]) => [key, evaluate(item, context, `${path}.${key}`)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== NO_VALUE));
}

function call(name: string, argument: unknown, context: IntrinsicContext, path: string): unknown {
  const intrinsic = FUNCTIONS.get(name);
  if (!intrinsic) {
    return context.fail(`${name} is not supported by the local run`, path);
  }
  return intrinsic(argument, context, `${path}.${name}`);
}

function text(value: unknown, context: IntrinsicContext, path: string): string {
  return expectText(evaluate(value, context, path), context, path);
}

function list(value: unknown, context: IntrinsicContext, path: string): unknown[] {
  return expectList(evaluate(value, context, path), context, path);
}

function getAtt(argument: unknown, context: IntrinsicContext, path: string): unknown {
  const [logicalId, attribute] =
    typeof argument === 'string' ? splitOnce(argument, '.') : expectList(argument, context, path, 2);
  return context.getAtt(expectString(logicalId, context, path), text(attribute, context, path), path);
}

function splitOnce(value: string, separator: string): [string, string] {
  const at = value.indexOf(separator);
  return at < 0 ? [value, ''] : [value.slice(0, at), value.slice(at + separator.length)];
}

function join(argument: unknown, context: IntrinsicContext, path: string): string {
  const [delimiter, items] = expectList(argument, context, path, 2);
  return list(items, context, `${path}.1`)
    .map((item, i) => expectText(item, context, `${path}.1.${i}`))
    .join(expectString(delimiter, context, path));
}

function sub(argument: unknown, context: IntrinsicContext, path: string): string {
  const [template, variables] = Array.isArray(argument) ? expectList(argument, context, path, 2) : [argument, {}];
  const own = new Map(Object.entries((variables ?? {}) as object));
  return substitute(expectString(template, context, path), (name) => {
    if (own.has(name)) {
      return text(own.get(name), context, `${path}.1.${name}`);
    }
    const [logicalId, attribute] = splitOnce(name, '.');
    const value = attribute === '' ? context.ref(name, path) : context.getAtt(logicalId, attribute, path);
    return expectText(value, context, path);
  });
}

function select(argument: unknown, context: IntrinsicContext, path: string): unknown {
  const [index, items] = expectList(argument, context, path, 2);
  const position = Number(text(index, context, `${path}.0`));
  const values = list(items, context, `${path}.1`);
  if (!Number.isInteger(position) || position < 0 || position >= values.length) {
    return context.fail(`the index must be between 0 and ${values.length - 1}, got: ${position}`, path);
  }
  return values[position];
}

function split(argument: unknown, context: IntrinsicContext, path: string): string[] {
  const [delimiter, value] = expectList(argument, context, path, 2);
  const separator = expectString(delimiter, context, path);
  if (separator === '') {
    return context.fail('the delimiter is empty', path);
  }
  return text(value, context, `${path}.1`).split(separator);
}

function choose(argument: unknown, context: IntrinsicContext, path: string): unknown {
  const [name, yes, no] = expectList(argument, context, path, 3);
  const holds = context.condition(expectString(name, context, path), path);
  return evaluate(holds ? yes : no, context, `${path}.${holds ? 1 : 2}`);
}

function findInMap(argument: unknown, context: IntrinsicContext, path: string): unknown {
  const [map, topKey, secondKey] = expectList(argument, context, path).map((key) => text(key, context, path));
  return context.findInMap(map ?? '', topKey ?? '', secondKey ?? '', path);
}

/** Returns three availability zones. Real Regions have at least three, too. */
function availabilityZones(argument: unknown, context: IntrinsicContext, path: string): string[] {
  const region = text(argument, context, path) || expectText(context.ref('AWS::Region', path), context, path);
  return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
}
