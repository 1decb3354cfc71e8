import { importCycles } from './support/cycles';
import { modulesOf, read } from './support/sources';

/**
 * Maximum number of modules in an import cycle, because such modules can only be understood together. Imports of types count, too. The sizes of
 * existing larger cycles may only decrease.
 */
const MAX_MODULES = 2;
const ALLOWED: Readonly<Record<string, number>> = { 'lambda-src': 5 };

test.each([
  ...['src', 'lambda-src', 'local', 'testing', 'client-sdks/typescript/src'],
])('%s has no large import cycle', (folder) => {
  const cycles = importCycles(modulesOf(folder), read);
  expect(cycles.filter(({ length }) => length > (ALLOWED[folder] ?? MAX_MODULES))).toEqual([]);
});

test('a cycle is found, even through an index module', () => {
  const files: Readonly<Record<string, string>> = {
    'a.ts': "import { b } from './b';",
    'b/index.ts': "export * from './c';",
    'b/c.ts': "import type { A } from '../a';",
    'd.ts': "import { a } from './a';",
  };
  const cycles = importCycles(Object.keys(files), (file) => files[file] ?? '');
  expect(cycles.map((cycle) => [...cycle].sort())).toEqual([['a.ts', 'b/c.ts', 'b/index.ts']]);
});
