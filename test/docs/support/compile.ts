import { dirname, join } from 'node:path';
import * as ts from 'typescript';
import { ROOT } from './pages';
import type { Snippet } from './snippets';

/** Where a page's files would lie: below the tests, so that packages are found from there. Nothing is written. */
const FOLDER = join(ROOT, 'test/docs/.pages');

export interface Mistake {
  readonly snippet: Snippet;
  readonly page: string;
  readonly code: number;
  /** `page.md:12: message`. */
  readonly text: string;
}

/** Compiles the snippets of all pages at once, each page in a separate folder, and reports mistakes by the lines of the pages. */
export function compile(pages: ReadonlyMap<string, readonly Snippet[]>): Mistake[] {
  const files = new Map<string, { page: string; snippet: Snippet }>();
  for (const [page, snippets] of pages) {
    for (const snippet of snippets) {
      const file = join(FOLDER, page.replace(/\.md$/, '').replaceAll('/', '-'), snippet.file);
      if (files.has(file)) throw new Error(`${page} has two blocks named ${snippet.file}`);
      files.set(file, { page, snippet });
    }
  }
  const options = optionsOfTests();
  const program = ts.createProgram([...files.keys()], options, hostWith(files, options));
  return [...files].flatMap(([file, { page, snippet }]) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((diagnostic) =>
      mistake(page, snippet, diagnostic),
    );
  });
}

/** Those of the tests: packages of this repository are its sources. A snippet may leave things unused, as it is an extract. */
function optionsOfTests(): ts.CompilerOptions {
  const file = join(ROOT, 'test/tsconfig.json');
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(file, ts.sys.readFile).config,
    ts.sys,
    dirname(file),
  );
  return {
    ...options,
    noEmit: true,
    noUnusedLocals: false,
    noUnusedParameters: false,
    skipLibCheck: true,
    rootDir: ROOT,
  };
}

/** Files of packages are read once for all compilations of a test file. */
const parsed = new Map<string, ts.SourceFile | undefined>();

function hostWith(files: ReadonlyMap<string, { snippet: Snippet }>, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, directoryExists, getSourceFile } = host;
  const folders = new Set([...files.keys()].flatMap(above));
  return {
    ...host,
    fileExists: (file) => files.has(file) || fileExists(file),
    readFile: (file) => files.get(file)?.snippet.text ?? readFile(file),
    directoryExists: (folder) => folders.has(folder) || (directoryExists?.(folder) ?? true),
    getSourceFile: (file, version, ...rest) => {
      const own = files.get(file);
      if (own) return ts.createSourceFile(file, own.snippet.text, version);
      if (!parsed.has(file)) parsed.set(file, getSourceFile(file, version, ...rest));
      return parsed.get(file);
    },
  };
}

function above(file: string): string[] {
  const folder = dirname(file);
  return folder.length <= FOLDER.length ? [FOLDER] : [folder, ...above(folder)];
}

function mistake(page: string, snippet: Snippet, { file, start, code, messageText }: ts.Diagnostic): Mistake {
  const inText = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line : 0;
  // the fence or the comment's first line is the line before the text
  const line = snippet.line + 1 + Math.max(0, inText - snippet.added);
  const hidden = snippet.shown && inText < snippet.added ? ' (in the code put before it)' : '';
  const message = ts.flattenDiagnosticMessageText(messageText, ' ');
  return { page, snippet, code, text: `${page}:${line}: ${message} (TS${code})${hidden}` };
}
