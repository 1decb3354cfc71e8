import * as ts from 'typescript';
import { nodesOf, parse, placeOf, sourcesOf } from './support/sources';

/**
 * Files and functions must be small enough to be read at once. Files must also be large enough to cover a subject: if a file has an import for every
 * few lines, its reader must jump between files. The guard prints the largest files and functions.
 */
const FOLDERS = ['src', 'lambda-src', 'local', 'testing', 'client-sdks'];
const FILE_LINES = 350;
const FUNCTION_LINES = 60;
/** Maximum lines of a function in the console's page, because such functions consist mostly of markup. */
const MARKUP_LINES = 120;

/** Maximum lines of nine in ten named functions of a folder. Functions of the console's page do not count. */
const P90_LINES = 16;
/** Maximum number of imports of own modules per 1,000 lines of a folder. */
const IMPORTS_PER_1000_LINES: Readonly<Record<string, number>> = { src: 42, 'lambda-src': 42 };

/** Files and functions that may be larger, each with a reason. */
const ALLOWED: Readonly<Record<string, string>> = {};

interface Size {
  readonly what: string;
  /** Name of a function; empty if it has none. */
  readonly name?: string;
  readonly lines: number;
}

const linesOf = (node: ts.Node): number => {
  const source = node.getSourceFile();
  const line = (position: number) => source.getLineAndCharacterOfPosition(position).line;
  return line(node.getEnd()) - line(node.getStart()) + 1;
};

/** Returns the functions with a body, with their names and lines. The lines of a function include those of functions inside it. */
function functionsOf(source: ts.SourceFile): Size[] {
  return nodesOf(source)
    .filter((node) => ts.isFunctionLike(node) && 'body' in node && node.body !== undefined)
    .map((node) => ({ what: `${placeOf(node)} ${nameOf(node)}`.trim(), name: nameOf(node), lines: linesOf(node) }));
}

function nameOf(node: ts.Node): string {
  const named = (
    ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent) ? node.parent : node
  ) as {
    name?: ts.Node;
  };
  return named.name?.getText() ?? (ts.isConstructorDeclaration(node) ? 'constructor' : '');
}

const functionLines = (what: string): number => (/\.tsx:/.test(what) ? MARKUP_LINES : FUNCTION_LINES);
const fileLines = (): number => FILE_LINES;

const tooLarge = (sizes: readonly Size[], capOf: (what: string) => number): string[] =>
  sizes
    .filter(({ what, lines }) => lines > capOf(what) && !(what.split(':')[0] in ALLOWED))
    .map(({ what, lines }) => `${what}: ${lines} lines, at most ${capOf(what)}`);

/** Returns the number of imports and re-exports with a relative path. */
const ownImportsOf = ({ statements }: ts.SourceFile): number =>
  statements.filter(
    (statement) =>
      (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) &&
      statement.moduleSpecifier?.getText().startsWith("'."),
  ).length;

/** Returns the value below which the given share of the numbers lies. */
function quantile(numbers: readonly number[], share: number): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length * share)] ?? 0;
}

function measure(folder: string) {
  const sourcesIn = sources.filter(({ fileName }) => fileName.startsWith(`${folder}/`));
  const functionsIn = functions.filter(({ what }) => what.startsWith(`${folder}/`) && !/\.tsx:/.test(what));
  const named = functionsIn.filter(({ name }) => name);
  const lines = sourcesIn.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0);
  const imports = sourcesIn.reduce((sum, source) => sum + ownImportsOf(source), 0);
  return {
    folder,
    p90: quantile(
      named.map((each) => each.lines),
      0.9,
    ),
    importsPer1000: Math.round((imports / lines) * 1000),
  };
}

const sources = sourcesOf(...FOLDERS);
const files = sources.map(({ fileName, text }) => ({ what: fileName, lines: text.split('\n').length - 1 }));
const functions = sources.flatMap(functionsOf);
const measured = FOLDERS.map(measure);

afterAll(() => {
  const largest = (sizes: readonly Size[]) =>
    [...sizes]
      .sort((a, b) => b.lines - a.lines)
      .slice(0, 5)
      .map(({ what, lines }) => `  ${lines}  ${what}`);
  const middle = quantile(
    functions.map(({ lines }) => lines),
    0.5,
  );
  process.stdout.write(
    [
      `Largest files, of ${files.length}:`,
      ...largest(files),
      `Largest functions, of ${functions.length} (median ${middle}):`,
      ...largest(functions),
      ...measured.map(
        ({ folder, p90, importsPer1000 }) =>
          `${folder}: nine of ten named functions up to ${p90} lines, ${importsPer1000} own imports in 1,000 lines`,
      ),
      '',
    ].join('\n'),
  );
});

test('no file is too large', () => {
  expect(tooLarge(files, fileLines)).toEqual([]);
});

test('no function is too large', () => {
  expect(functions.length).toBeGreaterThan(500);
  expect(tooLarge(functions, functionLines)).toEqual([]);
});

test(`nine of ten named functions of each folder have at most ${P90_LINES} lines`, () => {
  expect(measured.filter(({ p90 }) => p90 > P90_LINES)).toEqual([]);
});

test('no folder has too many imports between its files: merge files that do not cover a subject', () => {
  const many = ({ folder, importsPer1000 }: (typeof measured)[number]) =>
    importsPer1000 > (IMPORTS_PER_1000_LINES[folder] ?? Number.POSITIVE_INFINITY);
  expect(measured.filter(many)).toEqual([]);
});

test('each exception still exists and is still larger than allowed', () => {
  const large = [
    ...files.filter(({ lines }) => lines > FILE_LINES),
    ...functions.filter(({ lines }) => lines > FUNCTION_LINES),
  ];
  expect(Object.keys(ALLOWED).filter((file) => !large.some(({ what }) => what.split(':')[0] === file))).toEqual([]);
});

test('a function that is too large is found, with its position', () => {
  const text = `class A {\n  b = () => {\n${'    1;\n'.repeat(60)}  };\n}\n`;
  expect(tooLarge(functionsOf(parse(text, 'made.ts')), functionLines)).toEqual([
    expect.stringMatching(/made\.ts:2.*: 62 lines, at most 60$/),
  ]);
});
