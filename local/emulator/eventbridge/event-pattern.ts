import { BlockList, isIP } from 'node:net';
import {
  compileCondition,
  compilePatternWith,
  FilterPatternError,
  isObject,
  type Matcher,
  OPERATORS,
  onText,
} from '../lambda/event-sources';

type Build = (argument: unknown) => Matcher;

/**
 * Compiles a rule's event pattern to a test of events. It supports the operators of event source mappings' filters. It
 * also supports the operators that only rules have: `wildcard`, `cidr`, `equals-ignore-case` in `prefix` and `suffix`,
 * and string operators in `anything-but`.
 *
 * @throws FilterPatternError if EventBridge would refuse the pattern
 */
export function compileEventPattern(pattern: unknown): (event: unknown) => boolean {
  return compilePatternWith(RULE_OPERATORS, pattern);
}

const RULE_OPERATORS = new Map<string, Build>([
  ...OPERATORS,
  ['prefix', ignoringCase('prefix', (value, wanted) => value.startsWith(wanted))],
  ['suffix', ignoringCase('suffix', (value, wanted) => value.endsWith(wanted))],
  ['anything-but', anythingBut],
  ['wildcard', wildcard],
  ['cidr', cidr],
]);

/** Operators that `anything-but` negates. */
const NEGATED = new Map<string, Build>(
  ['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].map((name) => [name, RULE_OPERATORS.get(name) as Build]),
);

/**
 * Compiles an operator that can ignore upper and lower case: `{ prefix: 'a' }`, or `{ prefix: { 'equals-ignore-case':
 * 'a' } }`.
 */
function ignoringCase(operator: string, matches: (value: string, wanted: string) => boolean): Build {
  return (argument) => {
    const inner = isObject(argument) ? argument['equals-ignore-case'] : undefined;
    if (inner === undefined) return onText(operator, argument, matches);
    return onText(operator, inner, (value, wanted) => matches(value.toLowerCase(), wanted.toLowerCase()));
  };
}

/**
 * Compiles `anything-but`. Its argument is one or more values, or an object with one string operator. The operator's
 * argument may be an array. Absent values never match.
 */
function anythingBut(argument: unknown): Matcher {
  if (!isObject(argument)) return (OPERATORS.get('anything-but') as Build)(argument);
  const [[operator, given] = ['', undefined]] = Object.entries(argument);
  const excluded = [given].flat().map((value) => compileCondition({ [operator]: value }, NEGATED));
  return (value) => value !== undefined && !isObject(value) && !excluded.some((matches) => matches(value));
}

/** Compiles `wildcard`. In its argument, `*` matches any characters, and `\*` matches an asterisk. */
function wildcard(argument: unknown): Matcher {
  if (typeof argument !== 'string' || /(?<!\\)\*\*/.test(argument)) {
    throw new FilterPatternError(
      `\`wildcard\` must be a string without consecutive \`*\`, got: ${JSON.stringify(argument)}`,
    );
  }
  const parts = argument
    .split(/(\\[*\\]|\*)/)
    .map((part) => (part === '*' ? '[^]*' : literal(part.replace(/^\\/, ''))));
  const expression = new RegExp(`^${parts.join('')}$`);
  return (value) => typeof value === 'string' && expression.test(value);
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function cidr(argument: unknown): Matcher {
  const [address = '', bits] = String(argument).split('/');
  const version = isIP(address);
  if (version === 0 || bits === undefined || !(Number(bits) >= 0 && Number(bits) <= (version === 4 ? 32 : 128))) {
    throw new FilterPatternError(
      `\`cidr\` must be an address range such as 10.0.0.0/8, got: ${JSON.stringify(argument)}`,
    );
  }
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const range = new BlockList();
  range.addSubnet(address, Number(bits), family);
  return (value) => typeof value === 'string' && isIP(value) === version && range.check(value, family);
}
