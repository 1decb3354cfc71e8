import { join } from 'node:path';
import { type CompilerError, compileFiles } from '../../support/compiler';
import { ROOT } from './pages';
import type { Snippet } from './snippets';

/**
 * Path of the pages' folder in the temporary folder. It has as many levels as that of run.ts, so that a page can import files of this repository in
 * both.
 */
const FOLDER = 'test/docs/.pages';

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
      const file = `${FOLDER}/${page.replace(/\.md$/, '').replaceAll('/', '-')}/${snippet.file}`;
      if (files.has(file)) throw new Error(`${page} has two blocks named ${snippet.file}`);
      files.set(file, { page, snippet });
    }
  }
  const texts = new Map([...files].map(([file, { snippet }]) => [file, snippet.text]));
  return compileFiles(texts, config()).map((error) => {
    const own = files.get(error.file);
    if (!own) throw new Error(`${error.file}:${error.line}: ${error.message}`);
    return mistake(own.page, own.snippet, error);
  });
}

/** Options of the tests: packages of this repository are its sources. A snippet may leave things unused, as it is an extract. */
const config = () => ({
  extends: join(ROOT, 'test/tsconfig.json'),
  compilerOptions: {
    noUnusedLocals: false,
    noUnusedParameters: false,
    skipLibCheck: true,
    rootDir: '/',
    // a relative import that leaves the pages leads to the files of this repository
    rootDirs: ['.', ROOT],
  },
});

function mistake(page: string, snippet: Snippet, { line: ofText, code, message }: CompilerError): Mistake {
  const inText = ofText - 1;
  // the fence or the comment's first line is the line before the text
  const line = snippet.line + 1 + Math.max(0, inText - snippet.added);
  const hidden = snippet.shown && inText < snippet.added ? ' (in the code put before it)' : '';
  return { page, snippet, code, text: `${page}:${line}: ${message} (TS${code})${hidden}` };
}
