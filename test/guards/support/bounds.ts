import * as ts from 'typescript';
import { BOUNDS, DEFAULTS } from '../../../src/contract';
import { membersOf } from './program';
import { nodesOf, placeOf } from './sources';

/** A check of a property's bounds: `validateInteger('memorySize', value, 128, 10_240)`. */
export interface Bounds {
  readonly prop: string;
  readonly place: string;
  readonly bounds: readonly Bound[];
}

/** A number in the form of the code and in the form of a comment: `Duration.days(365)` is `365 days`, and `128` is `128`. */
interface Bound {
  readonly amount: number;
  readonly unit: string;
}

const CHECKS = new Set(['validateInteger', 'validateKnownInteger', 'validateDuration', 'validateSize']);

export function boundsOf(source: ts.SourceFile): Bounds[] {
  return nodesOf(source).flatMap((node) => {
    if (!ts.isCallExpression(node) || !CHECKS.has(node.expression.getText())) return [];
    const [prop, , ...bounds] = node.arguments;
    if (!prop || !ts.isStringLiteral(prop)) return [];
    return [{ prop: prop.text, place: placeOf(node), bounds: bounds.flatMap(boundOf) }];
  });
}

function boundOf(expression: ts.Expression): Bound[] {
  const text = expression
    .getText()
    .replace(/\b(?:BOUNDS|DEFAULTS)(?:\.\w+)+/, contractValue)
    .replaceAll('_', '');
  const made = /(?:Duration|Size)\.(\w+)\((\d+)\)$/.exec(text);
  if (made) return [inLargestUnit(made[1], Number(made[2]))];
  return /^\d+$/.test(text) ? [{ unit: '', amount: Number(text) }] : [];
}

/** Returns the value of a path into the contract, such as `BOUNDS.resultBytes`. */
const contractValue = (path: string): string =>
  String(path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], CONTRACT));

const CONTRACT = { BOUNDS, DEFAULTS };

/** Larger units by unit. The factor is the number of smaller units in a larger one. */
const LARGER: Readonly<Record<string, readonly [unit: string, factor: number]>> = {
  millis: ['seconds', 1000],
  bytes: ['kibibytes', 1024],
};

/** Converts a bound to the largest unit that gives a whole number: 25,000 milliseconds become 25 seconds. */
function inLargestUnit(unit: string, amount: number): Bound {
  const [larger, factor] = LARGER[unit] ?? [unit, 1];
  return amount % factor === 0 ? { unit: larger, amount: amount / factor } : { unit, amount };
}

/**
 * Returns the comments of the properties that a check names. For `throttle.rateLimit`, they are those of `rateLimit`; if no struct has that property,
 * those of `throttle`.
 */
export function commentsOf(sources: readonly ts.SourceFile[], prop: string): string[] {
  const members = sources
    .flatMap((source) => [...source.statements])
    .flatMap((statement) => membersOf(statement as unknown as ts.Declaration));
  const texts = (name: string) =>
    members.filter((member) => member.name?.getText() === name).map((member) => member.getFullText());
  const [first, ...rest] = prop.split('.');
  const own = texts(rest.at(-1) ?? first);
  return own.length > 0 ? own : texts(first);
}

const UNITS: Readonly<Record<string, RegExp>> = {
  millis: /ms|milliseconds?/,
  seconds: /s|seconds?/,
  minutes: /min|minutes?/,
  hours: /h|hours?/,
  days: /days?/,
  kibibytes: /KiB|KB/,
  mebibytes: /MiB|MB/,
  bytes: /bytes?/,
};

/** Whether a comment contains a number, with its unit somewhere after it. For example, `1 to 25 seconds` contains 1 second, too. */
export function contains(text: string, { amount, unit }: Bound): boolean {
  const number = `(?<![\\d.])${amount.toLocaleString('en').replaceAll(',', '[,_]?')}(?![\\d.]*\\d)`;
  const after = UNITS[unit] ? `[^.:]*?\\b(?:${UNITS[unit].source})\\b` : '';
  return new RegExp(number + after).test(text.replace(/\s+\*\s+|\s+/g, ' '));
}
