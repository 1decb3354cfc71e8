import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from './support/compile';
import { ROOT, readPage } from './support/pages';
import { snippetsOf } from './support/snippets';

const readme = readPage('README.md');

test("renaming a field of the handler's result breaks the client that the README shows", () => {
  const renamed = readme.replace('return { url:', 'return { address:');
  expect(renamed).not.toBe(readme);
  const mistakes = compile(new Map([['README.md', snippetsOf(renamed)]]));
  expect(mistakes.map(({ text }) => text)).toEqual([expect.stringContaining("'url' does not exist")]);
});

test('the two lines that do everything are scripts of package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const lines = [...readme.matchAll(/npm ci && npm (\w+)$/gm)].map(([, script]) => script);
  expect(lines).toEqual(['start', 'test']);
  for (const script of lines) expect(scripts).toHaveProperty(script);
});
