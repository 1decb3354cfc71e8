import { createRequire } from 'node:module';
import * as path from 'node:path';

export type TypeScript = typeof import('typescript');
export type Program = import('typescript').Program;

/** A module after the project's TypeScript has checked it. */
export interface CheckedModule {
  readonly ts: TypeScript;
  readonly program: Program;
  readonly source: import('typescript').SourceFile;
}

/**
 * Checks a module and its imports with the project's TypeScript and tsconfig.json.
 *
 * @throws Error if there is no compiler or no such module, or if the project's code has errors, because a type with an
 * error is `any`
 */
export function checkModule(file: string): CheckedModule {
  const folder = path.dirname(file);
  const ts = loadCompiler(folder);
  const config = ts.findConfigFile(folder, ts.sys.fileExists);
  const program = ts.createProgram([file], { ...(config === undefined ? {} : optionsOf(ts, config)), noEmit: true });
  const source = program.getSourceFile(file);
  if (!source) throw new Error(`there is no module ${file}`);
  const mistakes = program
    .getSourceFiles()
    .filter((each) => !program.isSourceFileFromExternalLibrary(each) && !each.isDeclarationFile)
    .flatMap((each) => [...program.getSyntacticDiagnostics(each), ...program.getSemanticDiagnostics(each)]);
  if (mistakes.length > 0) {
    const host = {
      getCanonicalFileName: (name: string) => name,
      getCurrentDirectory: () => folder,
      getNewLine: () => '\n',
    };
    throw new Error(`the types have errors:\n${ts.formatDiagnostics(mistakes.slice(0, 10), host).trimEnd()}`);
  }
  return { ts, program, source };
}

function loadCompiler(folder: string): TypeScript {
  const remedy = 'npm install --save-dev typescript@6';
  let ts: Partial<TypeScript>;
  try {
    ts = createRequire(path.join(folder, 'package.json'))('typescript') as Partial<TypeScript>;
  } catch {
    throw new Error(`this needs the package typescript, which is not installed here: ${remedy}`);
  }
  // TypeScript 7 and later versions have no compiler API
  if (ts.createProgram === undefined) {
    throw new Error(
      `this needs the package typescript before version 7, got: ${ts.version ?? 'another one'}; ${remedy}`,
    );
  }
  return ts as TypeScript;
}

function optionsOf(ts: TypeScript, config: string): import('typescript').CompilerOptions {
  const { config: json, error } = ts.readConfigFile(config, ts.sys.readFile);
  if (error) throw new Error(`cannot read ${config}: ${ts.flattenDiagnosticMessageText(error.messageText, ' ')}`);
  return ts.parseJsonConfigFileContent(json, ts.sys, path.dirname(config)).options;
}
