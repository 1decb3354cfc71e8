import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasNothingToRun, testsIn, testsOf } from './support/modules';
import { exists, modulesOf, ROOT, read } from './support/sources';

/**
 * Each source module has a test module at the same place below `test/`. A module that holds types or re-exports only has none. What is
 * tested from elsewhere stands here, with the test that does it.
 */
const FOLDERS = ['lambda-src/core', 'lambda-src/flows', 'src', 'client-sdks/typescript/src'];

const ELSEWHERE: Readonly<Record<string, string>> = {};

const tests = modulesOf('test');

const untested = FOLDERS.flatMap((folder) => modulesOf(folder))
  .filter((module) => !hasNothingToRun(read(module)))
  .filter((module) => testsOf(module, tests).length === 0);

test('every module of the core, the flows, the construct and the client has a test module', () => {
  const missing = untested.filter((module) => !(module in ELSEWHERE));
  expect(missing.map((module) => `${module}: no test module`)).toEqual([]);
});

test('every part of the local run has tests', () => {
  const parts = readdirSync(join(ROOT, 'local'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `local/${name}`);
  expect(parts.filter((part) => testsIn(part, tests).length === 0)).toEqual([]);
});

test('what is tested elsewhere has no test module of its own, and is tested there', () => {
  expect(Object.keys(ELSEWHERE).filter((module) => !untested.includes(module))).toEqual([]);
  expect(Object.values(ELSEWHERE).filter((file) => !exists(file))).toEqual([]);
});

test('a module without a test is told from one that needs none', () => {
  expect(testsOf('src/private/a.ts', ['test/src/private/ab.test.ts', 'test/src/private/b.test.ts'])).toEqual([]);
  expect(testsOf('client-sdks/typescript/src/a.ts', ['test/client-sdks/typescript/a.model.test.ts'])).toHaveLength(1);
  expect(hasNothingToRun("import { a } from './a';\nexport interface B { a: typeof a }\nexport * from './c';")).toBe(
    true,
  );
  expect(hasNothingToRun('export interface B {}\nexport const c = 1;')).toBe(false);
});
