/** The six fields of a cron expression of EventBridge Scheduler, with the least and the greatest number, and the names that stand for numbers. */
const FIELDS: readonly CronField[] = [
  { name: 'minutes', min: 0, max: 59 },
  { name: 'hours', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31, special: /^(L|LW|L-\d{1,2}|\d{1,2}W)$/ },
  { name: 'month', min: 1, max: 12, names: 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC' },
  {
    name: 'day of week',
    min: 1,
    max: 7,
    names: 'SUN MON TUE WED THU FRI SAT',
    special: /^([1-7]?L|[A-Z]{3}L|[1-7]#[1-5]|[A-Z]{3}#[1-5])$/,
  },
  { name: 'year', min: 1970, max: 2199 },
];

interface CronField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: string;
  /** Pattern of values that only this field has. */
  readonly special?: RegExp;
}

/**
 * Returns the rule that a cron expression breaks, such as "have hours from 0 to 23"; undefined if there is none.
 *
 * @param fields the fields between the parentheses of the expression
 */
export function brokenCronRule(fields: string): string | undefined {
  const values = fields.toUpperCase().split(' ');
  const wrong = FIELDS.find((field, at) => !isField(field, values[at] ?? ''));
  if (wrong) return `have ${wrong.name} from ${wrong.min} to ${wrong.max}`;
  const open = [values[2], values[4]].filter((value) => value === '?').length;
  return open === 1 ? undefined : "have '?' as its day of month or as its day of week, but not as both";
}

function isField(field: CronField, text: string): boolean {
  if (text === '?') return field.name.startsWith('day');
  return text.split(',').every((item) => isItem(field, item));
}

/** Whether a string is a valid item of a field's list: a value, a range, or one of them with a step. */
function isItem(field: CronField, item: string): boolean {
  if (field.special?.test(item)) return true;
  const [range = '', step, ...more] = item.split('/');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d{0,3}$/.test(step))) return false;
  if (range === '*') return true;
  const ends = range.split('-');
  return ends.length <= 2 && ends.every((end) => isValue(field, end));
}

function isValue({ min, max, names = '' }: CronField, text: string): boolean {
  if (!/^\d{1,4}$/.test(text)) return text.length === 3 && names.split(' ').includes(text);
  return Number(text) >= min && Number(text) <= max;
}
