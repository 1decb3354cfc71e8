import * as path from 'node:path';
import { findProjectRoot, findSchema, resolveModule } from '../../../src/private/project';
import { HANDLERS, makeProject } from '../support/project';

const root = makeProject({ ...HANDLERS, 'deep/inside/file.txt': '', 'x.schema.mjs': '' });

describe('the root of a project', () => {
  test('is the nearest folder above with a package.json', () => {
    expect(findProjectRoot(undefined, path.join(root, 'deep', 'inside'))).toBe(root);
  });

  test('is the working directory where there is no package.json above', () => {
    expect(findProjectRoot(undefined, '/')).toBe('/');
  });

  test('may be given, from the working directory or absolute', () => {
    expect(findProjectRoot('deep', root)).toBe(path.join(root, 'deep'));
    expect(findProjectRoot(root, '/')).toBe(root);
  });

  test('must be a folder', () => {
    expect(() => findProjectRoot('nowhere', root)).toThrow(
      `\`projectRoot\` must be a folder, got: 'nowhere' (resolved to ${path.join(root, 'nowhere')})`,
    );
  });
});

describe('the module of a handler', () => {
  test('is found from the root, or by its absolute path', () => {
    const file = path.join(root, 'handlers', 'echo.ts');
    expect([resolveModule('p', root, 'handlers/echo.ts'), resolveModule('p', '/', file)]).toEqual([file, file]);
  });

  test.each(['handlers/nothing.ts', 'handlers'])('%s is refused with the path that was tried', (file) => {
    expect(() => resolveModule('handlers.x', root, file)).toThrow(
      `\`handlers.x\` must name a file, got: '${file}' (resolved to ${path.join(root, file)})`,
    );
  });
});

test('a schema lies beside its handler, whatever their extensions', () => {
  expect(findSchema(path.join(root, 'handlers', 'report.ts'))).toBe(path.join(root, 'handlers', 'report.schema.ts'));
  expect(findSchema(path.join(root, 'x.ts'))).toBe(path.join(root, 'x.schema.mjs'));
  expect(findSchema(path.join(root, 'handlers', 'archive.ts'))).toBeUndefined();
});
