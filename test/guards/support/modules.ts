import { posix } from 'node:path';
import * as ts from 'typescript';
import { ENTRIES } from './program';
import { parse } from './sources';

/** Whether a module has nothing to run: types, and exports of what others have. */
export function hasNothingToRun(text: string): boolean {
  return parse(text).statements.every(
    (statement) =>
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement) ||
      ts.isImportDeclaration(statement) ||
      ts.isExportDeclaration(statement) ||
      isAmbient(statement) ||
      isMark(statement),
  );
}

const isAmbient = (statement: ts.Statement): boolean =>
  (ts.getCombinedModifierFlags(statement as unknown as ts.Declaration) & ts.ModifierFlags.Ambient) !== 0;

/** `const MARK = Symbol(…)`: a name for a type's key. */
const isMark = (statement: ts.Statement): boolean =>
  ts.isVariableStatement(statement) &&
  /=\s*Symbol\(/.test(statement.getText()) &&
  !/\bexport\b/.test(statement.getText());

/** The folder of tests that a module belongs to: that of its own path, without the packaging folder of a client. */
const testPath = (module: string): string => `test/${module.replace(/^client-sdks\/(\w+)\/src\//, 'client-sdks/$1/')}`;

/** Test files of one module: `x.test.ts` and `x.<aspect>.test.ts`. */
export function testsOf(module: string, tests: readonly string[]): string[] {
  const base = testPath(module).replace(/\.tsx?$/, '');
  return tests.filter((test) => test.startsWith(`${base}.`) && /\.test\.tsx?$/.test(test));
}

/** Test files of a folder. */
export function testsIn(folder: string, tests: readonly string[]): string[] {
  return tests.filter((test) => test.startsWith(`test/${folder}/`) && /\.test\.tsx?$/.test(test));
}

const IMPORTS = /(?:from|import|require\()\s*\(?'([^']+)'/g;

/** Whether a file imports another, itself or by what it imports. `read` gives a file's text, or `undefined` where there is none. */
export function reaches(from: string, to: string, read: (file: string) => string | undefined): boolean {
  const seen = new Set([from]);
  for (const file of seen) {
    if (file === to) return true;
    for (const [, imported] of (read(file) ?? '').matchAll(IMPORTS)) {
      const base = imported.startsWith('.') ? posix.join(posix.dirname(file), imported) : (ENTRIES[imported] ?? '');
      const found = [`${base}.ts`, `${base}.tsx`, `${base}/index.ts`, base].find(
        (each) => /\.tsx?$/.test(each) && read(each) !== undefined,
      );
      if (found) seen.add(found);
    }
  }
  return false;
}
