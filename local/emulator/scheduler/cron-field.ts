import { ScheduleError } from './schedule-error';

/** The values that a field of a cron expression may have. */
export interface FieldRange {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of the values `min`, `min + 1`, … */
  readonly names?: readonly string[];
}

const NUMBER = /^\d+$/;

function numberOf(text: string, range: FieldRange): number {
  const named = range.names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? range.min + named : NUMBER.test(text) ? Number(text) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  throw new ScheduleError(`${range.name} must be ${range.min}-${range.max}, got: ${text}`);
}

/** Parses `*`, `a` or `a-b`, each with an optional step `/n`. `a/n` ends at the largest value. */
function valuesOf(item: string, range: FieldRange): number[] {
  const [base, step, ...rest] = item.split('/');
  const by = step === undefined ? 1 : Number(step);
  if (rest.length > 0 || !Number.isInteger(by) || by < 1)
    throw new ScheduleError(`${range.name} has a wrong step: ${item}`);
  const [from, to, ...more] =
    base === '*' ? [range.min, range.max] : base.split('-').map((text) => numberOf(text, range));
  const last = to ?? (step === undefined ? from : range.max);
  if (more.length > 0 || last < from) throw new ScheduleError(`${range.name} has a wrong range: ${item}`);
  const values: number[] = [];
  for (let value = from; value <= last; value += by) values.push(value);
  return values;
}

/** Returns the sorted values of a field. The field may contain lists, ranges, steps and names. */
export function parseField(text: string, range: FieldRange): number[] {
  const values = text.split(',').flatMap((item) => valuesOf(item, range));
  return [...new Set(values)].sort((a, b) => a - b);
}
