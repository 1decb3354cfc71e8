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

const mistakesIn = (page: string) => compile(new Map([['page.md', snippetsOf(page)]])).map(({ text }) => text);
const block = (...lines: string[]): string => ['```ts', ...lines, '```', ''].join('\n');

test('every snippet of the documentation compiles, or fails with the error that its page announces', () => {
  const mistakes = compile(pages);
  const unexpected = mistakes.filter(({ snippet, code }) => snippet.error !== code);
  expect(unexpected.map(({ text }) => text)).toEqual([]);

  const missing = [...pages].flatMap(([page, snippets]) =>
    snippets
      .filter(({ error }) => error !== undefined)
      .filter((snippet) => !mistakes.some((mistake) => mistake.page === page && mistake.snippet === snippet))
      .map(({ line, error }) => `${page}:${line}: the error TS${error} does not occur`),
  );
  expect(missing).toEqual([]);
});

test('a mistake is reported with the line of the page', () => {
  const page = `# A page\n\n${block("import { StreamerAuth } from 'cdk-streamer';", 'StreamerAuth.jwt({ issuer: 1 });')}`;
  expect(mistakesIn(page)).toEqual([expect.stringMatching(/^page\.md:5: .*TS\d+\)$/)]);
});

test("code before a block is not counted as the page's lines, and gives way to what the block declares", () => {
  const notes =
    '<!-- ts:page\nimport { Duration, Stack } from "aws-cdk-lib";\ndeclare const a: number;\n-->\n<!-- ts:before\nlet b = 1;\n-->\n';
  const page = notes + block('const a = "text";', 'b = a;', 'Duration.minutes(a);', 'class Stack {}');
  expect(mistakesIn(page)).toEqual([expect.stringContaining('page.md:10: '), expect.stringContaining('page.md:11: ')]);
});

test('blocks of a page see its files by their names', () => {
  const page = `${block('// lib/a.ts: with a remark', 'export const a = 1;')}<!-- ts:file lib/b.ts\nexport const b = 'b';\n-->\n${block(
    "import { a } from './lib/a';",
    "import { b } from './lib/b';",
    'const wrong: string = a;',
    'const right: string = b;',
  )}`;
  expect(mistakesIn(page)).toEqual([expect.stringMatching(/^page\.md:11: Type 'number'/)]);
});

test('a note that belongs to nothing, or that nobody knows, is refused', () => {
  expect(() => snippetsOf('<!-- ts:run -->\n')).toThrow('belongs to no block');
  expect(() => snippetsOf(`<!-- ts:runs -->\n${block('1;')}`)).toThrow('unknown note ts:runs');
});
