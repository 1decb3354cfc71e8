import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '../../../..');
export const APP = join(__dirname, '../fixtures/app');

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  resolveJsonModule: true,
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  paths: {
    'cdk-streamer-client': [join(ROOT, 'client-sdks/typescript/src/index.ts')],
    'cdk-streamer-client/server': [join(ROOT, 'client-sdks/typescript/src/server/index.ts')],
    'cdk-streamer/handler': [join(ROOT, 'lambda-src/handler/index.ts')],
  },
};

const parsed = new Map<string, ts.SourceFile | undefined>();

/**
 * Compiles files of the fixture as a browser project would, without Node's types.
 *
 * @param files names of files in the fixture's folder
 * @param texts contents that replace those of existing files, by absolute path
 * @returns errors of the compiler in the form `file:line: message`
 */
export function compile(
  files: string[],
  texts: Record<string, string> = {},
  options: ts.CompilerOptions = {},
): string[] {
  const all = { ...OPTIONS, ...options };
  const host = ts.createCompilerHost(all);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => name in texts || fileExists(name);
  host.readFile = (name) => texts[name] ?? readFile(name);
  host.getSourceFile = (name, ...rest) => {
    const text = texts[name];
    if (text !== undefined) return ts.createSourceFile(name, text, ts.ScriptTarget.ES2022);
    if (!parsed.has(name)) parsed.set(name, getSourceFile(name, ...rest));
    return parsed.get(name);
  };
  const program = ts.createProgram(
    files.map((file) => join(APP, file)),
    all,
    host,
  );
  return ts.getPreEmitDiagnostics(program).map(describe);
}

function describe({ file, start, messageText }: ts.Diagnostic): string {
  const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
  const name = file?.fileName.split('/').at(-1);
  return `${name}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
}
