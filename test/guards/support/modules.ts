import { posix } from 'node:path';
import * as ts from 'typescript';
import { ENTRIES } from './program';
import { parse } from './sources';

/** Whether a module has no code to run, because it has only types and re-exports. */
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

/** Whether a statement is `const MARK = Symbol(…)`, which is only a key for a type. */
const isMark = (statement: ts.Statement): boolean =>
  ts.isVariableStatement(statement) &&
  /=\s*Symbol\(/.test(statement.getText()) &&
  !/\bexport\b/.test(statement.getText());

const IMPORTS = /(?:from|import|require\()\s*\(?'([^']+)'/g;

/**
 * Returns the given files, and the modules that they import, directly or through other modules. `read` returns a file's text, or `undefined` if there
 * is no such file.
 */
export function loadedBy(files: readonly string[], read: (file: string) => string | undefined): ReadonlySet<string> {
  const loaded = new Set(files);
  for (const file of loaded) {
    for (const [, imported] of (read(file) ?? '').matchAll(IMPORTS)) {
      const base = imported.startsWith('.') ? posix.join(posix.dirname(file), imported) : (ENTRIES[imported] ?? '');
      const found = [`${base}.ts`, `${base}.tsx`, `${base}/index.ts`, base].find(
        (each) => /\.tsx?$/.test(each) && read(each) !== undefined,
      );
      if (found) loaded.add(found);
    }
  }
  return loaded;
}
