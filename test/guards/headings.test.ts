import { CONSTANTS } from '../../lambda-src/protocol';
import { messagesOf } from './support/messages';
import { parse, read, sourcesOf } from './support/sources';

/** This page must explain each error code, synthesis message and alarm that a user may see, with its cause and remedy. */
const PAGE = 'docs/troubleshooting.md';

/** Returns the names that the page explains. A name is explained by a heading with text below it, or by a table row with a cause and a remedy. */
function explained(page: string): Set<string> {
  const headings = [...page.matchAll(/^#{2,4} (.+)\n\n(?!#)\S/gm)].flatMap(([, heading]) => names(heading));
  const rows = [...page.matchAll(/^\|(.+)\|$/gm)]
    .map(([, row]) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .filter(([, ...rest]) => rest.length >= 2 && rest.every((cell) => cell.length > 2));
  return new Set([...headings, ...rows.flatMap(([first]) => names(first))]);
}

const names = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name);

const missing = (page: string, wanted: readonly string[]): string[] => {
  const there = explained(page);
  return wanted.filter((name) => !there.has(name)).map((name) => `${PAGE} does not explain ${name}`);
};

test('every error code of the protocol is explained', () => {
  expect(missing(read(PAGE), Object.keys(CONSTANTS.errors))).toEqual([]);
});

test('every warning, error and alarm of a stack is explained', () => {
  const known = sourcesOf('src').flatMap(messagesOf);
  expect(known.length).toBeGreaterThan(2);
  expect(missing(read(PAGE), [...new Set(known.map(({ id }) => id))])).toEqual([]);
});

test('a name without a cause or a remedy is found', () => {
  const page = [
    '| code | cause | remedy |',
    '|---|---|---|',
    '| `A`, `B` | why | what |',
    '| `C` | why | |',
    '',
    '## `D` or `E`',
    '',
    'Text.',
    '',
    '## `F`',
    '',
    '## `G`',
    '',
  ].join('\n');
  expect(missing(page, [...'ABCDEFG']).map((text) => text.at(-1))).toEqual(['C', 'F', 'G']);
});

test('messages and alarms are found in code', () => {
  const code = `Annotations.of(scope).addWarningV2(\`a:b:\${x}\`, 'text');
new cloudwatch.Alarm(this, 'TooMany', {});
other('c:d');`;
  expect(messagesOf(parse(code)).map(({ id }) => id)).toEqual(['a:b', 'TooMany']);
});
