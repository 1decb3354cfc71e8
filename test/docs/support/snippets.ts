import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { type Piece, piecesOf, ROOT, readPage } from './pages';

/** Template from which `cdk-streamer init` creates an application. */
const APP = 'templates/app';

/**
 * A page's code, as files. Each fenced `ts` or `tsx` block is a module. Its name is that of its first line, `// handlers/report.ts`
 * (more may follow the name); without such a line it has a generated name. Code that a page does not show stands in comments, invisible to readers:
 *
 * - `<!-- ts:page … -->`  imports and declarations for the blocks that follow; what a block declares itself is left out
 * - `<!-- ts:before … -->`, `<!-- ts:after … -->`  code around the next block
 * - `<!-- ts:file handlers/report.schema.ts … -->`  a file of the page that is not shown
 * - `<!-- ts:app -->`  the page continues an application that `cdk-streamer init` created: its modules are there unless the page shows them
 * - `<!-- ts:run -->`  the next block is run, too: see run.ts
 * - `<!-- ts:error 2339 -->`  the next block is wrong on purpose, and the compiler reports this error
 */
export interface Snippet {
  readonly file: string;
  readonly text: string;
  /** Number of lines of `text` before the first line that the page contains. */
  readonly added: number;
  /** Line of the page on which the block begins. */
  readonly line: number;
  readonly run: boolean;
  readonly shown: boolean;
  /** Whether it is a module of the new application, which a block of the page with the same name replaces. */
  readonly ofApp?: boolean;
  /** Number of the error that the compiler must report. */
  readonly error?: number;
}

const WORDS = ['ts:page', 'ts:before', 'ts:after', 'ts:file', 'ts:app', 'ts:run', 'ts:error'];

interface Notes {
  page: string;
  before: string;
  after: string;
  run: boolean;
  error?: number;
}

const none = (page = ''): Notes => ({ page, before: '', after: '', run: false });

export function snippetsOf(page: string): Snippet[] {
  const snippets: Snippet[] = [];
  let notes = none();
  for (const piece of piecesOf(page)) {
    if (piece.kind === 'note') {
      snippets.push(...take(notes, piece));
    } else if (/^tsx?$/.test(piece.language)) {
      snippets.push(snippet(piece, notes));
      notes = none(notes.page);
    }
  }
  if (notes.before || notes.after || notes.run)
    throw new Error('a ts: note at the end of the page belongs to no block');
  const shown = new Set(snippets.filter((snippet) => snippet.shown).map(({ file }) => file));
  return snippets.filter((snippet) => !snippet.ofApp || !shown.has(snippet.file));
}

/** @returns files that the page does not show */
function take(notes: Notes, { word, rest, text, line }: Piece & { kind: 'note' }): Snippet[] {
  if (!WORDS.includes(word)) throw new Error(`line ${line}: unknown note ${word}, expected one of ${WORDS.join(', ')}`);
  if (word === 'ts:file') return [hidden(rest, text, line)];
  if (word === 'ts:app') return appModules().map(([file, source]) => ({ ...hidden(file, source, line), ofApp: true }));
  if (word === 'ts:page') notes.page += `${text}\n`;
  if (word === 'ts:before') notes.before += `${text}\n`;
  if (word === 'ts:after') notes.after += `\n${text}`;
  if (word === 'ts:run') notes.run = true;
  if (word === 'ts:error') notes.error = Number(rest);
  return [];
}

const hidden = (file: string, text: string, line: number): Snippet => ({
  ...{ file, text, added: 0, line, run: false, shown: false },
});

/** The modules of a new application. Its tests are run elsewhere. */
function appModules(): [file: string, text: string][] {
  return readdirSync(join(ROOT, APP), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('test'))
    .map((file) => [file.replaceAll('\\', '/'), readPage(`${APP}/${file}`)]);
}

function snippet({ text, language, line }: Piece & { kind: 'fence' }, notes: Notes): Snippet {
  const named = /^\/\/ ([\w@./-]+\.tsx?)\b/.exec(text)?.[1];
  const file = named ?? `snippet-line-${line}.${language}`;
  const before = preludeFor(notes.page, notes.before + text) + notes.before;
  const { run, error } = notes;
  return {
    file,
    text: `${before}${text}${notes.after}\nexport {};\n`,
    added: before.split('\n').length - 1,
    line,
    run,
    error,
    shown: true,
  };
}

/** The page's statements, without the names that the block declares or imports itself. */
function preludeFor(page: string, block: string): string {
  const own = new Set(statements(block).flatMap(namesOf));
  return statements(page)
    .map((statement) => without(statement, own))
    .filter((text) => text !== '')
    .map((text) => `${text}\n`)
    .join('');
}

const statements = (text: string): readonly ts.Statement[] =>
  ts.createSourceFile('x.tsx', text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TSX).statements;

function without(statement: ts.Statement, own: ReadonlySet<string>): string {
  const bindings = ts.isImportDeclaration(statement) && statement.importClause?.namedBindings;
  if (!bindings || !ts.isNamedImports(bindings)) {
    return namesOf(statement).some((name) => own.has(name)) ? '' : statement.getText();
  }
  const kept = bindings.elements.filter((element) => !own.has(element.name.text)).map((element) => element.getText());
  const from = (statement as ts.ImportDeclaration).moduleSpecifier.getText();
  return kept.length > 0 ? `import { ${kept.join(', ')} } from ${from};` : '';
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap((each) => bound(each.name));
  }
  if (ts.isImportDeclaration(statement)) return imported(statement.importClause);
  const { name } = statement as ts.DeclarationStatement;
  return name && ts.isIdentifier(name) ? [name.text] : [];
}

function imported(clause: ts.ImportClause | undefined): string[] {
  const bindings = clause?.namedBindings;
  const named = bindings && ts.isNamedImports(bindings) ? bindings.elements.map(({ name }) => name.text) : [];
  const all = bindings && ts.isNamespaceImport(bindings) ? [bindings.name.text] : [];
  return [...(clause?.name ? [clause.name.text] : []), ...named, ...all];
}

function bound(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : bound(element.name)));
}
