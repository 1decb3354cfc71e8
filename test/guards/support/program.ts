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
  'cdk-streamer-client/store': 'client-sdks/typescript/src/store/index.ts',
  'cdk-streamer-client/react': 'client-sdks/typescript/src/react/index.ts',
  'cdk-streamer-client/ai': 'client-sdks/typescript/src/ai/index.ts',
};

export interface Api {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  /** Returns the exports of an entry by name. */
  readonly exportsOf: (packageName: string) => ReadonlyMap<string, ts.Symbol>;
}

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: true,
  jsx: ts.JsxEmit.ReactJSX,
  types: [],
};

/**
 * Reads the sources of entries and of all modules that they import. For the guards' own tests, sources can be passed. Other packages are not read,
 * because their types do not matter here.
 */
export function readApi(
  entries: Readonly<Record<string, string>>,
  files: ReadonlyMap<string, string> = new Map(),
): Api {
  return read(entries, files, OPTIONS, () => true);
}

/**
 * Reads only the entries and the modules that they re-export with `export … from`, without the types of ECMAScript. That takes a fraction of the time of
 * `readApi`, and declarations and comments of all exported names are there.
 */
export function readExports(entries = ENTRIES, files: ReadonlyMap<string, string> = new Map()): Api {
  return read(entries, files, { ...OPTIONS, lib: undefined, noLib: true }, ({ parent }) =>
    ts.isExportDeclaration(parent),
  );
}

function read(
  entries: Readonly<Record<string, string>>,
  files: ReadonlyMap<string, string>,
  options: ts.CompilerOptions,
  isFollowed: (literal: ts.StringLiteralLike) => boolean,
): Api {
  const host = ts.createCompilerHost(options, true);
  const { getSourceFile, fileExists } = host;
  const there = (file: string) => files.has(file) || fileExists(file);
  host.fileExists = there;
  host.getSourceFile = (file, version, ...rest) => {
    const text = files.get(file);
    return text === undefined ? getSourceFile(file, version, ...rest) : ts.createSourceFile(file, text, version, true);
  };
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map((literal) => ({
      resolvedModule: isFollowed(literal) ? moduleOf(literal.text, from, entries, there) : undefined,
    }));
  const roots = Object.values(entries).map((file) => join(ROOT, file));
  const program = ts.createProgram(roots.filter(there), options, host);
  const checker = program.getTypeChecker();
  const exportsOf = (packageName: string) => {
    const source = program.getSourceFile(join(ROOT, entries[packageName]));
    const symbol = source && checker.getSymbolAtLocation(source);
    const exported = symbol ? checker.getExportsOfModule(symbol) : [];
    return new Map(exported.map((each) => [each.name, declared(original(checker, each), each.name, packageName)]));
  };
  return { program, checker, exportsOf };
}

/** @throws Error if the program does not contain the declaration of an exported name */
function declared(symbol: ts.Symbol, name: string, packageName: string): ts.Symbol {
  if (symbol.declarations?.length) return symbol;
  throw new Error(`the declaration of ${name} of ${packageName} is unknown: re-export it with \`export … from\``);
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
