import { pageNames, readPage } from './support/pages';
import { run } from './support/run';
import { snippetsOf } from './support/snippets';

/** Each block that is marked `<!-- ts:run -->` does what its page promises: see support/run.ts. */
const marked = pageNames().flatMap((page) => {
  const snippets = snippetsOf(readPage(page));
  return snippets.filter(({ run }) => run).map((snippet) => ({ page, snippets, snippet }));
});

const runOne = (page: string) => {
  const snippets = snippetsOf(page);
  return run('page.md', snippets, snippets.find(({ run }) => run) as (typeof snippets)[number]);
};
const block = (...lines: string[]): string => ['```ts', ...lines, '```', ''].join('\n');

test.each(marked.map((each) => [`${each.page}:${each.snippet.line}`, each] as const))('%s runs', async (_name, {
  page,
  snippets,
  snippet,
}) => {
  await run(page, snippets, snippet);
});

test('pages have snippets that run', () => {
  expect(marked.length).toBeGreaterThan(0);
});

test('a stack that cannot be synthesized is reported with its place in the page', async () => {
  const page = `<!-- ts:run -->\n${block(
    "import { Stack } from 'aws-cdk-lib';",
    "import { StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';",
    'export class Infra extends Stack { constructor(scope?: any, id?: string) { super(scope, id);',
    "  const auth = StreamerAuth.jwt({ issuer: 'https://issuer.example', audience: ['a'] });",
    "  new StreamerApi(this, 'Api', { auth, handlers: { a: StreamerHandler.sync('missing.ts') } }); } }",
  )}`;
  await expect(runOne(page)).rejects.toThrow(/^page\.md:2: the snippet fails: `handlers\.a` must name a file/);
});

test('checks and tests of a snippet are run', async () => {
  const after =
    '<!-- ts:after\nexport const check = async () => { if (a !== 2) throw new Error("a is " + a); };\n-->\n';
  await expect(runOne(`<!-- ts:run -->\n${after}${block('const a: number = 1;')}`)).rejects.toThrow('a is 1');
  const tests = block('let a = 0;', 'beforeAll(() => { a = 3; });', "test('a', async () => { expect(a).toBe(4); });");
  await expect(runOne(`<!-- ts:run -->\n${tests}`)).rejects.toThrow('Expected');
});
