import { BOUNDS } from '../contract';
import type { AsyncHandlerOptions, PriorityClass } from '../options/streamer-handler-options';
import { reject } from '../validation/errors';
import { isLess } from '../validation/function-options';
import {
  isAbsent,
  type PropNames,
  refuseToken,
  refuseUnknownProps,
  validateKnownInteger,
  validateObject,
} from '../validation/rules';
import { capsOf } from './caps';

const { min: MIN_MAPPING, max: MAX_MAPPING } = BOUNDS.mappingConcurrency;
const DEFAULT_CONCURRENCY = 50;
const CLASS_PROPS: PropNames<PriorityClass> = { maxConcurrency: true };

type ConcurrencyOptions = Pick<
  AsyncHandlerOptions,
  'maxConcurrency' | 'reservedConcurrency' | 'concurrency' | 'priorities'
>;

/**
 * Checks the concurrency options and adds their defaults. The sum of the mappings' concurrencies must not exceed the reserved concurrency. Otherwise,
 * Lambda would throttle the additional messages, and these would stay hidden for a long time.
 */
export function concurrencyOf(options: ConcurrencyOptions) {
  const { maxConcurrency, reservedConcurrency: reserved } = options;
  validateKnownInteger('maxConcurrency', maxConcurrency, 1, MAX_MAPPING);
  const wanted = maxConcurrency ?? (isLess(reserved, DEFAULT_CONCURRENCY) ? (reserved as number) : DEFAULT_CONCURRENCY);
  const mapping = Math.max(MIN_MAPPING, wanted);
  const priorities = prioritiesOf(options, mapping);
  const total = [...priorities.values()].reduce((sum, max) => sum + max, mapping);
  if (isLess(reserved, total)) refuseReserved(reserved as number, total, priorities.size > 0);
  return { maxConcurrency: mapping, caps: capsOf(options.concurrency, maxConcurrency === 1), priorities };
}

/** Returns the concurrency of each priority class. */
function prioritiesOf({ priorities, maxConcurrency }: ConcurrencyOptions, mapping: number): Map<string, number> {
  if (isAbsent(priorities)) return new Map();
  validateObject('priorities', priorities, 'be an object of priority classes by name', EXAMPLE);
  const classes = Object.entries(priorities);
  if (classes.length < 1 || classes.length > BOUNDS.priorityClasses) {
    reject('priorities', `have 1 to ${BOUNDS.priorityClasses} classes`, classes.length, EXAMPLE);
  }
  if (maxConcurrency === 1) {
    const remedy = 'With 1, all requests wait in one line, so classes have no effect';
    reject('maxConcurrency', 'be at least 2 with `priorities`', maxConcurrency, remedy);
  }
  return new Map(classes.map(([name, each]) => [name, concurrencyOfClass(name, each, mapping)]));
}

const EXAMPLE = 'For example `{ high: { maxConcurrency: 10 } }`';
const CLASS_NAME = new RegExp(`^(?!default$)[a-z][a-z0-9-]{0,${BOUNDS.priorityClassChars - 1}}$`);

function concurrencyOfClass(name: string, options: PriorityClass, mapping: number): number {
  refuseToken(
    'priorities',
    name,
    'Use constants: the names of the classes become part of code and of the names of queues',
  );
  if (!CLASS_NAME.test(name)) {
    const form = `a lower-case letter, then lower-case letters, digits or '-', at most ${BOUNDS.priorityClassChars} characters`;
    reject('priorities', `have names of ${form}, except default`, name, 'A request without `priority` has no class');
  }
  const prop = `priorities.${name}`;
  if (isAbsent(options)) reject(prop, 'be an object of properties', options, EXAMPLE);
  refuseUnknownProps(CLASS_PROPS, `${prop}.`, options);
  validateKnownInteger(`${prop}.maxConcurrency`, options.maxConcurrency, MIN_MAPPING, MAX_MAPPING);
  return options.maxConcurrency ?? mapping;
}

function refuseReserved(reserved: number, total: number, hasClasses: boolean): never {
  if (total > MIN_MAPPING) {
    const what = hasClasses
      ? 'the sum of `maxConcurrency` and of the concurrencies of `priorities`'
      : '`maxConcurrency`';
    const remedy = 'Lambda would throttle further messages: reserve more, or lower `maxConcurrency`';
    reject('reservedConcurrency', `be at least ${what} (${total})`, reserved, remedy);
  }
  const remedy =
    'A queue may invoke a function twice at a time: reserve 2, and set `maxConcurrency: 1` to run one attempt at a time';
  reject('reservedConcurrency', `be at least ${MIN_MAPPING}`, reserved, remedy);
}
