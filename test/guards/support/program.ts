import { dirname, join, resolve } from 'node:path';
import * as ts from 'typescript';
import { pathOf, ROOT } from './sources';

/** Entry files of the packages that users import, by the name in the import. */
export const ENTRIES: Readonly<Record<string, string>> = {
  'cdk-streamer': 'src/index.ts',
  'cdk-streamer/handler': 'lambda-src/handler/index.ts',
  'cdk-streamer/testing': 'testing/index.ts',
  'cdk-streamer-client': 'client-sdks/typescript/src/index.ts',
  'cdk-streamer-client/server': 'client-sdks/typescript/src/server/index.ts',
};

export interface Api {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  /** Returns the exports of an entry by name. */
  readonly exportsOf: (packageName: string) => ReadonlyMap<string, ts.Symbol>;
}

/**
 * Reads the sources of all entries. For the guards' own tests, sources can be passed. Other packages are not read, because their types do not matter
 * here.
 */
export function readApi(files: ReadonlyMap<string, string> = new Map(), entries = ENTRIES): Api {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    jsx: ts.JsxEmit.ReactJSX,
    types: [],
  };
  const host = ts.createCompilerHost(options, true);
  const { getSourceFile, fileExists } = host;
  const there = (file: string) => files.has(file) || fileExists(file);
  host.fileExists = there;
  host.getSourceFile = (file, version, ...rest) => {
    const text = files.get(file);
    return text === undefined ? getSourceFile(file, version, ...rest) : ts.createSourceFile(file, text, version, true);
  };
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => ({ resolvedModule: moduleOf(text, from, entries, there) }));
  const roots = Object.values(entries).map((file) => join(ROOT, file));
  const program = ts.createProgram(roots.filter(there), options, host);
  const checker = program.getTypeChecker();
  return {
    program,
    checker,
    exportsOf: (packageName) => {
      const source = program.getSourceFile(join(ROOT, entries[packageName]));
      const symbol = source && checker.getSymbolAtLocation(source);
      return new Map(
        symbol ? checker.getExportsOfModule(symbol).map((each) => [each.name, original(checker, each)]) : [],
      );
    },
  };
}

function moduleOf(
  name: string,
  from: string,
  entries: Readonly<Record<string, string>>,
  there: (file: string) => boolean,
): ts.ResolvedModuleFull | undefined {
  const base = name.startsWith('.') ? resolve(dirname(from), name) : entries[name] && join(ROOT, entries[name]);
  if (!base) return undefined;
  const file = [base, `${base}.ts`, `${base}.tsx`, `${base}/index.ts`].find(
    (each) => /\.tsx?$/.test(each) && there(each),
  );
  return file ? { resolvedFileName: file, extension: file.endsWith('x') ? '.tsx' : '.ts' } : undefined;
}

/** Returns the symbol to which an export or an import refers. */
export function original(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** Returns the declarations of a symbol in this repository. */
export function declarationsOf(symbol: ts.Symbol): readonly ts.Declaration[] {
  return (symbol.declarations ?? []).filter(
    (declaration) => !pathOf(declaration.getSourceFile()).includes('node_modules'),
  );
}

const modifiersOf = (node: ts.Node): ts.ModifierFlags => ts.getCombinedModifierFlags(node as ts.Declaration);

/** Whether a member is meant for users: it is neither private, protected nor marked `@internal`. */
export function isPublic(node: ts.Node): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  if (modifiersOf(node) & hidden) return false;
  return !ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal');
}

/** Returns the public members of a class or an interface. */
export function membersOf(declaration: ts.Declaration): readonly (ts.ClassElement | ts.TypeElement | ts.EnumMember)[] {
  if (
    ts.isClassDeclaration(declaration) ||
    ts.isInterfaceDeclaration(declaration) ||
    ts.isEnumDeclaration(declaration)
  ) {
    return [...declaration.members].filter(isPublic);
  }
  return [];
}
