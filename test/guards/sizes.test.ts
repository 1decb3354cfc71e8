import * as ts from 'typescript';
import { modulesOf, nodesOf, parse, placeOf, read } from './support/sources';

/** Files and functions stay small enough to be read at once. The largest ones are printed. */
const FOLDERS = ['src', 'lambda-src', 'local', 'testing', 'client-sdks'];
const FILE_LINES = 350;
const FUNCTION_LINES = 60;
/** Functions of a page's modules are markup for the most part. */
const MARKUP_LINES = 120;

/** What may be larger, and why. */
const ALLOWED: Readonly<Record<string, string>> = {};

interface Size {
  readonly what: string;
  readonly lines: number;
}

const linesOf = (node: ts.Node): number => {
  const source = node.getSourceFile();
  const line = (position: number) => source.getLineAndCharacterOfPosition(position).line;
  return line(node.getEnd()) - line(node.getStart()) + 1;
};

/** Functions that have a body, each with its name and its lines, those of functions inside included. */
function functionsOf(source: ts.SourceFile): Size[] {
  return [...nodesOf(source)]
    .filter((node) => ts.isFunctionLike(node) && 'body' in node && node.body !== undefined)
    .map((node) => ({ what: `${placeOf(node)} ${nameOf(node)}`.trim(), lines: linesOf(node) }));
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

const sources = modulesOf(...FOLDERS).map((file) => parse(read(file), file));
const files = modulesOf(...FOLDERS).map((file) => ({ what: file, lines: read(file).split('\n').length - 1 }));
const functions = sources.flatMap(functionsOf);

afterAll(() => {
  const largest = (sizes: readonly Size[]) =>
    [...sizes]
      .sort((a, b) => b.lines - a.lines)
      .slice(0, 5)
      .map(({ what, lines }) => `  ${lines}  ${what}`);
  const middle = functions.map(({ lines }) => lines).sort((a, b) => a - b)[Math.floor(functions.length / 2)];
  process.stdout.write(
    [
      `Largest files, of ${files.length}:`,
      ...largest(files),
      `Largest functions, of ${functions.length} (median ${middle}):`,
      ...largest(functions),
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

test('what may be larger is there, and is larger', () => {
  const large = [
    ...files.filter(({ lines }) => lines > FILE_LINES),
    ...functions.filter(({ lines }) => lines > FUNCTION_LINES),
  ];
  expect(Object.keys(ALLOWED).filter((file) => !large.some(({ what }) => what.split(':')[0] === file))).toEqual([]);
});

test('a function that is too large is seen, with its place', () => {
  const text = `class A {\n  b = () => {\n${'    1;\n'.repeat(60)}  };\n}\n`;
  expect(tooLarge(functionsOf(parse(text, 'made.ts')), functionLines)).toEqual([
    expect.stringMatching(/made\.ts:2.*: 62 lines, at most 60$/),
  ]);
});
