import { importCycles } from './support/cycles';
import { modulesOf, read } from './support/sources';

/**
 * Modules that import each other can only be understood together, so a cycle has at most two. Types count, too. The sizes of larger cycles
 * only fall.
 */
const MAX_MODULES = 2;
const ALLOWED: Readonly<Record<string, number>> = { 'lambda-src': 5 };

test.each([
  ...['src', 'lambda-src', 'local', 'testing', 'client-sdks/typescript/src'],
])('%s has no large import cycle', (folder) => {
  const cycles = importCycles(modulesOf(folder), read);
  expect(cycles.filter(({ length }) => length > (ALLOWED[folder] ?? MAX_MODULES))).toEqual([]);
});

test('a cycle is found, also over an index module', () => {
  const files: Readonly<Record<string, string>> = {
    'a.ts': "import { b } from './b';",
    'b/index.ts': "export * from './c';",
    'b/c.ts': "import type { A } from '../a';",
    'd.ts': "import { a } from './a';",
  };
  const cycles = importCycles(Object.keys(files), (file) => files[file] ?? '');
  expect(cycles.map((cycle) => [...cycle].sort())).toEqual([['a.ts', 'b/c.ts', 'b/index.ts']]);
});
