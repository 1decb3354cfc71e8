import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasNothingToRun, loadedBy } from './support/modules';
import { exists, modulesOf, ROOT, read } from './support/sources';

/**
 * The tests of each part of the sources must load each module of that part, directly or through other modules. So a module without a test is noticed.
 * `npm run coverage` measures how much of a module the tests run, with a threshold for each folder. Files can move within a part.
 */
const PARTS: Readonly<Record<string, string>> = {
  src: 'test/src',
  'lambda-src': 'test/lambda-src',
  local: 'test/local',
  testing: 'test/testing',
  'client-sdks/typescript/src': 'test/client-sdks/typescript',
};

/**
 * Modules that tests do not import: programs that tests run in a process, a thread, a function of the local run or a browser, and modules with which
 * a build replaces others.
 */
const PROGRAMS: readonly string[] = [
  ...modulesOf('lambda-src/functions'),
  'lambda-src/runtime/sdk/endpoint-discovery.ts',
  'local/bundling/build-compiled.ts',
  'local/cli/main.ts',
  'local/console/web/main.tsx',
  'local/dev/examples/child.ts',
  'local/emulator/dynamodb/dynalite/no-level.ts',
  'local/emulator/lambda/runtime-client.ts',
];

const textOf = (file: string) => (exists(file) ? read(file) : undefined);
const testsIn = (folder: string): string[] => modulesOf(folder).filter((file) => /\.test\.tsx?$/.test(file));

function notLoaded(part: string, tests: string): string[] {
  const programs = PROGRAMS.filter((program) => program.startsWith(`${part}/`));
  const loaded = loadedBy([...testsIn(tests), ...programs], textOf);
  return modulesOf(part).filter((module) => !loaded.has(module) && !hasNothingToRun(read(module)));
}

test.each(Object.entries(PARTS))('every module of %s is loaded by a test in %s, or by a program', (part, tests) => {
  expect(notLoaded(part, tests)).toEqual([]);
});

test('every program exists', () => {
  expect(PROGRAMS.filter((program) => !exists(program))).toEqual([]);
});

const foldersOf = (parent: string): string[] =>
  readdirSync(join(ROOT, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

test('every folder of the local run has tests', () => {
  const folders = ['local', 'local/emulator'].flatMap((parent) => foldersOf(parent).map((name) => `${parent}/${name}`));
  const tested = folders.filter((folder) => exists(`test/${folder}`) && testsIn(`test/${folder}`).length > 0);
  expect(tested).toEqual(folders);
});

/** Returns the folders for which `npm run coverage` has a threshold. */
function measuredFolders(): string[] {
  const { tasks } = JSON.parse(read('.projen/tasks.json'));
  const [, thresholds] = /--coverageThreshold='(.*?)'/.exec(tasks.coverage.steps.at(-1).exec) ?? [];
  return Object.keys(JSON.parse(thresholds ?? '{}')).filter((folder) => folder !== 'global');
}

test('every folder of the sources has a coverage threshold', () => {
  const parents = [...Object.keys(PARTS), 'local/emulator'];
  const folders = parents.flatMap((parent) => foldersOf(parent).map((name) => `${parent}/${name}`));
  const measured = [...folders.filter((folder) => folder !== 'local/emulator'), 'testing'];
  expect(measuredFolders().sort()).toEqual(measured.sort());
});

test('a module with only types and re-exports has no code to run', () => {
  expect(hasNothingToRun("import { a } from './a';\nexport interface B { a: typeof a }\nexport * from './c';")).toBe(
    true,
  );
  expect(hasNothingToRun('export interface B {}\nexport const c = 1;')).toBe(false);
});

test('a test loads what it imports, directly or through other modules', () => {
  const files: Record<string, string> = {
    'test/a.test.ts': "import { b } from '../src/b';",
    'src/b.ts': "export * from './c';",
    'src/c/index.ts': '',
    'src/d.ts': '',
    'test/e.test.ts': "import { Client } from 'cdk-streamer-client';",
    'client-sdks/typescript/src/index.ts': '',
  };
  const text = (file: string) => files[file];
  expect([...loadedBy(['test/a.test.ts'], text)]).toEqual(['test/a.test.ts', 'src/b.ts', 'src/c/index.ts']);
  expect(loadedBy(['test/e.test.ts'], text).has('client-sdks/typescript/src/index.ts')).toBe(true);
});
