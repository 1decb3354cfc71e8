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

/** A number as code has it and as prose may write it: `Duration.days(365)` is `365 days`, `128` is `128`. */
interface Bound {
  readonly amount: number;
  readonly unit: string;
}

const CHECKS = new Set(['validateInteger', 'validateKnownInteger', 'validateDuration', 'validateSize']);

export function boundsOf(source: ts.SourceFile): Bounds[] {
  return [...nodesOf(source)].flatMap((node) => {
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

/** Value of a path such as `BOUNDS.resultBytes`. */
const contractValue = (path: string): string =>
  String(path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], CONTRACT));

const CONTRACT = { BOUNDS, DEFAULTS };

/** Larger units, with what one of them is in the smaller one. */
const LARGER: Readonly<Record<string, readonly [unit: string, factor: number]>> = {
  millis: ['seconds', 1000],
  bytes: ['kibibytes', 1024],
};

/** A bound in the unit that a comment uses: 25 seconds for 25,000 milliseconds. */
function inLargestUnit(unit: string, amount: number): Bound {
  const [larger, factor] = LARGER[unit] ?? [unit, 1];
  return amount % factor === 0 ? { unit: larger, amount: amount / factor } : { unit, amount };
}

/** Comments of the properties that a check names: those of `rateLimit` for `throttle.rateLimit`, or of `throttle` where no struct here has it. */
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

/** Whether prose contains a number, with its unit somewhere after it: `1 to 25 seconds` contains 1 second, too. */
export function contains(text: string, { amount, unit }: Bound): boolean {
  const number = `(?<![\\d.])${amount.toLocaleString('en').replaceAll(',', '[,_]?')}(?![\\d.]*\\d)`;
  const after = UNITS[unit] ? `[^.:]*?\\b(?:${UNITS[unit].source})\\b` : '';
  return new RegExp(number + after).test(text.replace(/\s+\*\s+|\s+/g, ' '));
}
