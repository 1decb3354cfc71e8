import { foldersOf, mayChange } from '../../../local/dev/changes';

const INPUTS = new Set(['/p/handlers/report.ts', '/p/lib/total/index.ts', '/shared/money.js']);

test.each([
  ['an input', '/p/handlers/report.ts', true],
  ['a folder of an input that came or went', '/p/lib', true],
  ['a folder whose name only begins alike', '/p/li', false],
  ['a module that an import finds before the folder', '/p/lib/total.ts', true],
  ['a module that an import finds before the script', '/shared/money.ts', true],
  ['a file next to it of another name', '/p/handlers/report.test.ts', false],
  ['a document of the same name', '/shared/money.md', false],
  ['the compiler’s settings', '/p/tsconfig.json', true],
  ['more of them', '/p/tsconfig.base.json', true],
  ['how packages are resolved', '/p/package.json', true],
  ['a lock file', '/p/package-lock.json', false],
])('%s: %s', (_what, changed, expected) => {
  expect(mayChange(changed, INPUTS)).toBe(expected);
});

test('a change of a file is noticed in its folder, and a change of that folder in the folders above it', () => {
  expect([...foldersOf(INPUTS, '/p')].sort()).toEqual(['/p', '/p/handlers', '/p/lib', '/p/lib/total', '/shared']);
});
