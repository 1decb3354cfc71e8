import * as esbuild from 'esbuild';
import { findAppFiles } from '../../../local/dev/app-files';
import { findEsbuild } from '../../../local/dev/esbuild';
import { Project } from './support';

let project: Project;
beforeEach(() => {
  project = new Project();
  project.save(
    'bin/app.ts',
    `import { Stack } from 'aws-cdk-lib';\nimport { a } from '../lib/a';\nexport default [Stack, a];\n`,
  );
  project.save('lib/a.ts', `import type { B } from './b';\nexport const a: B = 1;\n`);
  project.save('lib/b.ts', 'export type B = number;\n');
});
afterEach(async () => {
  await esbuild.stop();
  project.remove();
});

const found = (command?: string) => findAppFiles(command, project.root, esbuild as never);

test.each([
  'npx tsx bin/app.ts',
  'npx ts-node --prefer-ts-exts "bin/app.ts"',
  'node ./bin/app.ts --flag',
])('the files of the app `%s` are those that its script imports, not those of types or packages', async (command) => {
  const files = await found(command);
  expect(files.has(project.path('bin/app.ts'))).toBe(true);
  expect(files.has(project.path('lib/a.ts'))).toBe(true);
  expect(files.has(project.path('lib/b.ts'))).toBe(false);
  expect(files.folders.filter((folder) => folder.includes('node_modules'))).toEqual([]);
});

test('a program in node_modules that the command names is not a file of the app', async () => {
  const files = await found(`node "${project.path('node_modules/tsx/dist/cli.mjs')}" bin/app.ts`);

  expect(files.has(project.path('bin/app.ts'))).toBe(true);
  expect(files.has(project.path('node_modules/tsx/dist/cli.mjs'))).toBe(false);
  expect(files.folders.filter((folder) => folder.includes('node_modules'))).toEqual([]);
});

test('the CDK’s own files belong to every app', async () => {
  const files = await found();
  expect(files.has(project.path('cdk.json'))).toBe(true);
  expect(files.has(project.path('bin/app.ts'))).toBe(false);
});

test('a script that esbuild cannot parse is the only known file of the app', async () => {
  project.save('odd.ts', 'this is no script of any kind\n');
  expect((await found('tool odd.ts')).has(project.path('odd.ts'))).toBe(true);
});

describe('esbuild', () => {
  test('esbuild is the project’s, otherwise that of the next folder', () => {
    expect(findEsbuild([project.root])).toBeDefined();
    expect(findEsbuild(['/nowhere', project.root])).toBeDefined();
    expect(findEsbuild(['/nowhere'])).toBeUndefined();
  });
});
