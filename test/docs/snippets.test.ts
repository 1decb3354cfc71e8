import { compile } from './support/compile';
import { pageNames, readPage } from './support/pages';
import { type Snippet, snippetsOf } from './support/snippets';

/** Every `ts` block of the documentation compiles against the sources. support/snippets.ts defines how a page adds code that it does not show. */
const pages = new Map(pageNames().map((page) => [page, read(page)]));

function read(page: string): Snippet[] {
  try {
    return snippetsOf(readPage(page));
  } catch (error) {
    throw new Error(`${page}: ${(error as Error).message}`);
  }
}

const block = (...lines: string[]): string => ['```ts', ...lines, '```', ''].join('\n');

/** Pages that the tests of the check itself use. */
const MADE_UP = {
  'mistake.md': `# A page\n\n${block("import { StreamerAuth } from 'cdk-streamer';", 'StreamerAuth.jwt({ issuer: 1 });')}`,
  'before.md':
    '<!-- ts:page\nimport { Duration, Stack } from "aws-cdk-lib";\ndeclare const a: number;\n-->\n<!-- ts:before\nlet b = 1;\n-->\n' +
    block('const a = "text";', 'b = a;', 'Duration.minutes(a);', 'class Stack {}'),
  'files.md': `${block('// lib/a.ts: with a remark', 'export const a = 1;')}<!-- ts:file lib/b.ts\nexport const b = 'b';\n-->\n${block(
    "import { a } from './lib/a';",
    "import { b } from './lib/b';",
    'const wrong: string = a;',
    'const right: string = b;',
  )}`,
  'renamed.md': readPage('README.md').replace('return { url:', 'return { address:'),
};

/** Mistakes of all pages. One run of the compiler takes far less time than one run for each test. */
const mistakes = compile(
  new Map([...pages, ...Object.entries(MADE_UP).map(([page, text]) => [page, snippetsOf(text)] as const)]),
);
const mistakesIn = (page: keyof typeof MADE_UP) =>
  mistakes.filter((mistake) => mistake.page === page).map(({ text }) => text);

test('every snippet of the documentation compiles, or fails with the error that its page announces', () => {
  const found = mistakes.filter(({ page }) => pages.has(page));
  const unexpected = found.filter(({ snippet, code }) => snippet.error !== code);
  expect(unexpected.map(({ text }) => text)).toEqual([]);

  const missing = [...pages].flatMap(([page, snippets]) =>
    snippets
      .filter(({ error }) => error !== undefined)
      .filter((snippet) => !found.some((mistake) => mistake.page === page && mistake.snippet === snippet))
      .map(({ line, error }) => `${page}:${line}: the error TS${error} does not occur`),
  );
  expect(missing).toEqual([]);
});

test('a mistake is reported with the line of the page', () => {
  expect(mistakesIn('mistake.md')).toEqual([expect.stringMatching(/^mistake\.md:5: .*TS\d+\)$/)]);
});

test("code before a block is not counted as the page's lines, and gives way to what the block declares", () => {
  expect(mistakesIn('before.md')).toEqual([
    expect.stringContaining('before.md:10: '),
    expect.stringContaining('before.md:11: '),
  ]);
});

test('blocks of a page see its files by their names', () => {
  expect(mistakesIn('files.md')).toEqual([expect.stringMatching(/^files\.md:11: Type 'number'/)]);
});

test("renaming a field of the handler's result breaks the client that the README shows", () => {
  expect(MADE_UP['renamed.md']).not.toBe(readPage('README.md'));
  const mistake = expect.stringContaining("'url' does not exist");
  expect(mistakesIn('renamed.md')).toEqual([mistake, mistake]);
});

test('a note that belongs to nothing, or that nobody knows, is refused', () => {
  expect(() => snippetsOf('<!-- ts:run -->\n')).toThrow('belongs to no block');
  expect(() => snippetsOf(`<!-- ts:runs -->\n${block('1;')}`)).toThrow('unknown note ts:runs');
});
