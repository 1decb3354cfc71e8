import { dirname, join, normalize } from 'node:path';
import { exists, pageNames, readPage } from './support/pages';

/** Checks the links between pages: the file and the heading of each link must exist. */
interface Link {
  readonly page: string;
  readonly target: string;
}

/** Returns the text without its code, because brackets in code are not links. */
const prose = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

const linksOf = (page: string, text: string): Link[] =>
  [...prose(text).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)]
    .map(([, link, attribute]) => ({ page, target: link ?? attribute }))
    .filter(({ target }) => !/^(https?|mailto):/.test(target));

/** The anchors that GitHub gives to a page's headings. */
function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  return [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => {
    const anchor = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
}

function mistakeOf({ page, target }: Link, read = readPage): string | undefined {
  const [path, anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), path));
  if (!exists(file)) return `${page}: ${target}: there is no ${file}`;
  if (anchor === undefined || !file.endsWith('.md')) return undefined;
  return anchorsOf(read(file)).includes(anchor) ? undefined : `${page}: ${target}: ${file} has no such heading`;
}

test('every link between pages leads to a file and a heading that are there', () => {
  const links = pageNames().flatMap((page) => linksOf(page, readPage(page)));
  expect(links.length).toBeGreaterThan(30);
  expect(links.map((link) => mistakeOf(link)).filter(Boolean)).toEqual([]);
});

/** The page behind a link: a folder shows its README. */
const pageAt = (path: string): string => (path.endsWith('.md') ? path : join(path, 'README.md'));

test('every page can be reached from the README', () => {
  const seen = new Set<string>();
  const visit = (page: string) => {
    if (seen.has(page) || !exists(page)) return;
    seen.add(page);
    for (const { target } of linksOf(page, readPage(page))) {
      visit(pageAt(normalize(join(dirname(page), target.split('#')[0]))));
    }
  };
  visit('README.md');
  const lonely = pageNames().filter((page) => !seen.has(page) && !page.startsWith('templates/'));
  expect(
    lonely.map((page) => `no page links to ${page}: list it in docs/README.md or docs/decisions/README.md`),
  ).toEqual([]);
});

test('a link to nothing is seen', () => {
  const page = (text: string) => linksOf('docs/x.md', text).map((link) => mistakeOf(link, () => '# A heading\n'));
  expect(page('[a](none.md)')).toEqual(['docs/x.md: none.md: there is no docs/none.md']);
  expect(page('[a](testing.md#no)')).toEqual(['docs/x.md: testing.md#no: docs/testing.md has no such heading']);
  expect(page('[a](testing.md#a-heading), `[b](none)`, [c](https://example.com)')).toEqual([undefined]);
});
