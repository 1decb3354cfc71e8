import * as fs from 'node:fs';
import * as path from 'node:path';
import { Aws } from 'aws-cdk-lib';
import { findProjectRoot, findSchema, resolveModule } from '../../../src/bundling/project';
import { HANDLERS, makeProject } from '../support/project';

const root = makeProject({ ...HANDLERS, 'deep/inside/file.txt': '', 'x.schema.mjs': '' });

describe('the root of a project', () => {
  test('the root of a project is the nearest folder above with a package.json', () => {
    expect(findProjectRoot(undefined, path.join(root, 'deep', 'inside'))).toBe(root);
  });

  test('the root of a project is the working directory if there is no package.json above it', () => {
    expect(findProjectRoot(undefined, '/')).toBe('/');
  });

  test('the root of a project may be given as an absolute path or relative to the working directory', () => {
    expect(findProjectRoot('deep', root)).toBe(path.join(root, 'deep'));
    expect(findProjectRoot(root, '/')).toBe(root);
  });

  test('the root of a project must be a folder', () => {
    expect(() => findProjectRoot('nowhere', root)).toThrow(
      `\`projectRoot\` must be a folder, got: 'nowhere' (resolved to ${path.join(root, 'nowhere')})`,
    );
  });
});

describe('the module of a handler', () => {
  test('the module of a handler is found from the root, or by its absolute path', () => {
    const file = path.join(root, 'handlers', 'echo.ts');
    expect([resolveModule('p', root, 'handlers/echo.ts'), resolveModule('p', '/', file)]).toEqual([file, file]);
  });

  test.each(['handlers/nothing.ts', 'handlers'])('%s is refused with the path that was tried', (file) => {
    expect(() => resolveModule('handlers.x', root, file)).toThrow(
      `\`handlers.x\` must name a file, got: '${file}' (resolved to ${path.join(root, file)})`,
    );
  });
});

describe('a path where no file is', () => {
  const project = makeProject({
    'package.json': '{}',
    'handlers/report.ts': '',
    'handlers/Echo.js': '',
    'src/deep/er/resize.ts': '',
    'node_modules/library/index.ts': '',
    'handlers/notes.txt': '',
  });
  const told = (file: string) => () => resolveModule('handlers.x', project, file);

  test.each([
    ['another extension', 'handlers/report.js', 'handlers/report.ts'],
    ['no extension', 'handlers/report', 'handlers/report.ts'],
    ['letters that were exchanged', 'handlers/reprot.ts', 'handlers/report.ts'],
    ['another case', 'handlers/echo.js', 'handlers/Echo.js'],
    ['the folder left out', 'resize.ts', 'src/deep/er/resize.ts'],
    ['another folder', 'functions/report.ts', 'handlers/report.ts'],
  ])('%s: the error names the file that was probably meant', (_, file, meant) => {
    // A file system that ignores case finds the file itself.
    if (fs.existsSync(path.join(project, file))) return;
    expect(told(file)).toThrow(`. Did you mean ${meant}?`);
  });

  test.each([
    'handlers/invoice.ts',
    'index.ts',
    'notes.txt',
  ])('%s resembles no file, so the error names none', (file) => {
    expect(told(file)).toThrow(/\)$/);
  });

  test('the path of a handler must be known at synthesis', () => {
    expect(told(Aws.REGION)).toThrow('`handlers.x` must be known when the app is synthesized');
  });
});

test('a schema module is found next to its handler, whatever their extensions', () => {
  expect(findSchema(path.join(root, 'handlers', 'report.ts'))).toBe(path.join(root, 'handlers', 'report.schema.ts'));
  expect(findSchema(path.join(root, 'x.ts'))).toBe(path.join(root, 'x.schema.mjs'));
  expect(findSchema(path.join(root, 'handlers', 'archive.ts'))).toBeUndefined();
});
