import * as ts from 'typescript';
import { membersOf } from './program';
import { nodesOf, placeOf } from './sources';

/** A check of a property's bounds: `validateInteger('memorySize', value, 128, 10_240)`. */
export interface Bounds {
  readonly prop: string;
  readonly place: string;
  readonly bounds: readonly Bound[];
}

/** A number as code has it and as text may say it: `Duration.days(365)` is `365 days`, `128` is `128`. */
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
  const text = expression.getText().replaceAll('_', '');
  const made = /(?:Duration|Size)\.(\w+)\((\d+)\)$/.exec(text);
  if (made) return [{ unit: made[1], amount: Number(made[2]) }];
  return /^\d+$/.test(text) ? [{ unit: '', amount: Number(text) }] : [];
}

/** Texts of the properties that a check names: those of `rateLimit` for `throttle.rateLimit`, or of `throttle` where no struct here has it. */
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

/** Whether a text says a number, with its unit somewhere after it: `1 to 25 seconds` says 1 second, too. */
export function says(text: string, { amount, unit }: Bound): boolean {
  const number = `(?<![\\d.])${amount.toLocaleString('en').replaceAll(',', '[,_]?')}(?![\\d.]*\\d)`;
  const after = UNITS[unit] ? `[^.:]*?\\b(?:${UNITS[unit].source})\\b` : '';
  return new RegExp(number + after).test(text.replace(/\s+\*\s+|\s+/g, ' '));
}
