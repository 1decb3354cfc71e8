import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageNames, ROOT, readPage } from './support/pages';
import { commandsOf, mistakeOf } from './support/shell';

/** Commands that the documentation shows: scripts of package.json, installed programs, and the arguments of `cdk-streamer`. */
const all = pageNames().flatMap((page) => commandsOf(readPage(page)).map((command) => ({ page, ...command })));

test('every command that a page shows can be given', () => {
  expect(all.length).toBeGreaterThan(10);
  const mistakes = all.flatMap(({ page, line, text }) => {
    const mistake = mistakeOf(text);
    return mistake === undefined ? [] : [`${page}:${line}: ${text}: ${mistake}`];
  });
  expect(mistakes).toEqual([]);
});

test('the two lines of the README that do everything are scripts of package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const lines = [...readPage('README.md').matchAll(/npm ci && npm (\w+)$/gm)].map(([, script]) => script);
  expect(lines).toEqual(['start', 'test']);
  for (const script of lines) expect(scripts).toHaveProperty(script);
});

test('commands are distinguished from comments, and a continued command is one command', () => {
  const page = [
    'text',
    '```sh',
    'npm ci && npm test   # everything',
    '# a remark',
    'npx cdk deploy \\',
    '  -c a=b',
    '```',
    '',
  ];
  expect(commandsOf(page.join('\n'))).toEqual([
    { line: 3, text: 'npm ci' },
    { line: 3, text: 'npm test' },
    { line: 5, text: 'npx cdk deploy -c a=b' },
  ]);
});

test.each([
  ['npm run nothing', 'script nothing'],
  ['npm i left-pad', 'left-pad'],
  ['npx no-such-program', 'not installed'],
  ['npx cdk-streamer fly', 'unknown command: fly'],
  ['npx cdk-streamer dev --sideways', '--sideways'],
  ['rm -rf /', 'rm'],
])('%s is refused', (command, reason) => {
  expect(mistakeOf(command)).toContain(reason);
});

test.each([
  'npm run bench -- synth',
  'npm i cdk-streamer',
  'npx cdk-streamer dev --app "npx tsx app.ts"',
  'CI=1 npm test',
])('%s is not', (command) => {
  expect(mistakeOf(command)).toBeUndefined();
});
