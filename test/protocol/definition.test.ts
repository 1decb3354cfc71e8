import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONSTANTS } from '../../lambda-src/protocol';

/** PROTOCOL.md defines in words what constants.json defines in numbers; the two must agree. */

const text = readFileSync(join(__dirname, '../../protocol/PROTOCOL.md'), 'utf8');
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .slice(2, -2)
      .split(/ \| /)
      .map((cell) => cell.trim()),
  );
const numbers = (group: string) =>
  Object.fromEntries(
    rows.flatMap(([name, value]) => {
      const key = new RegExp(`^\`${group}\\.(\\w+)\`$`).exec(name ?? '')?.[1];
      return key ? [[key, Number(value?.replaceAll(',', ''))]] : [];
    }),
  );
const section = (type: string) => text.split(`\n### \`${type}\`\n`)[1]?.split(/\n###? /)[0] ?? '';

test.each([
  ['limits', CONSTANTS.limits],
  ['timing', CONSTANTS.timing],
] as const)('the table of %s has each number of constants.json, and no other', (group, expected) => {
  expect(numbers(group)).toEqual(expected);
});

test('the table of errors has each code with its properties in constants.json', () => {
  const table = rows.flatMap(([code, retryable, origin, description]) =>
    /^`[A-Z_]+`$/.test(code ?? '') && /^(server|client|both)$/.test(origin ?? '')
      ? [[code?.replaceAll('`', ''), { retryable: retryable === 'yes', origin, description }]]
      : [],
  );

  expect(Object.fromEntries(table)).toEqual(CONSTANTS.errors);
});

test('the table of closes has each code', () => {
  const table = rows.flatMap(([code, name]) =>
    /^\d{4}$/.test(code ?? '') ? [[name?.replaceAll('`', ''), Number(code)]] : [],
  );

  expect(Object.fromEntries(table)).toEqual(CONSTANTS.closeCodes);
});

test('the table of patterns has each pattern', () => {
  const table = rows.flatMap(([name, pattern]) => {
    const key = /^`patterns\.(\w+)`$/.exec(name ?? '')?.[1];
    return key ? [[key, pattern?.replaceAll('`', '')]] : [];
  });

  expect(Object.fromEntries(table)).toEqual(CONSTANTS.patterns);
});

test.each([...CONSTANTS.clientTypes, ...CONSTANTS.serverTypes])('`%s` has a section with its fields', (type) => {
  expect(section(type)).toContain('| field | type | meaning |');
});

test.each(CONSTANTS.clientTypes)('the section of `%s` states whether a later version serves it', (type) => {
  expect(section(type).startsWith('\n**Later.**')).toBe(CONSTANTS.laterTypes.includes(type));
});

test('every name in constants that the text uses exists', () => {
  const used = [...text.matchAll(/`(limits|timing|patterns)\.(\w+)`/g)];

  expect(used.length).toBeGreaterThan(50);
  for (const [, group, key] of used) {
    expect(Object.keys(CONSTANTS[group as 'limits' | 'timing' | 'patterns'])).toContain(key);
  }
});

test('every code that the text uses is in the table', () => {
  const known = new Set([
    ...Object.keys(CONSTANTS.errors),
    ...Object.keys(CONSTANTS.closeCodes),
    ...CONSTANTS.statuses,
  ]);
  const used = [...text.matchAll(/`([A-Z][A-Z_]{4,})`/g)].map(([, code]) => code);

  expect(used.filter((code) => !known.has(code ?? ''))).toEqual([]);
});

test('subsets in constants.json hold', () => {
  const { clientTypes, laterTypes, statuses, terminalStatuses } = CONSTANTS;

  expect(clientTypes).toEqual(expect.arrayContaining(laterTypes));
  expect(statuses).toEqual(expect.arrayContaining(terminalStatuses));
});

test('every pattern allows at most the characters that the limits name', () => {
  const max = (pattern: string) => Number(/\{(\d),(\d+)\}\$$/.exec(pattern)?.[2]);
  const { limits, patterns } = CONSTANTS;

  expect(max(patterns.requestId)).toBe(limits.requestIdChars);
  expect(max(patterns.name) + 1).toBe(limits.nameChars);
  expect(max(patterns.topic)).toBe(limits.topicChars);
  expect(max(patterns.trace)).toBe(limits.traceChars);
  expect(max(patterns.epoch)).toBe(limits.epochChars);
  expect(max(patterns.ref)).toBe(limits.refChars);
  expect(max(patterns.token)).toBe(limits.tokenChars);
});
