import { type Finding, findingsIn, proseFiles } from './support/prose';
import { read } from './support/sources';

/**
 * Comments, messages, test names and pages must avoid wordings that newcomers have to read twice: docs/glossary.md, "Words to avoid".
 * `STREAMER_PROSE=lambda-src npx jest test/guards/prose` prints all findings below a path.
 */
const files = proseFiles();
const found = files.flatMap((file) => findingsIn(file, read(file)));
const folderOf = (place: string): string => (place.includes('/') ? place.split('/')[0] : '(root)');
const describeFinding = ({ place, text, pattern }: Finding): string =>
  `${place}: "${text}"\n    ${pattern.name}: ${pattern.remedy}`;

afterAll(() => {
  const path = process.env.STREAMER_PROSE;
  const shown = path === undefined ? [] : found.filter(({ place }) => place.startsWith(path));
  process.stdout.write([...shown.map(describeFinding), ''].join('\n'));
});

test.each([...new Set(files.map(folderOf))])('%s has no finding', (folder) => {
  expect(found.filter(({ place }) => folderOf(place) === folder).map(describeFinding)).toEqual([]);
});

test.each([
  ['a.ts', '/** What the run gives its console. */', 'a sentence that begins with a pronoun'],
  ['a.ts', '/**\n * Rate.\n * Of all others the first.\n */', 'a sentence that begins with a pronoun'],
  ['a.ts', '/** @returns What remains. */', 'a sentence that begins with a pronoun'],
  ['a.md', 'A page.\n\n- Whoever writes it knows.', 'a sentence that begins with a pronoun'],
  ['a.test.ts', "test('that fails is retried', () => {});", 'a test name that is a fragment'],
  ['a.test.ts', 'test.each([1])(`of a request that is read`, () => {});', 'a test name that is a fragment'],
  [
    'a.test.ts',
    "describe('a request', () => { test('is retried once', () => {}); });",
    'a test name that is a fragment',
  ],
  ['a.ts', "fail('the page is told of it');", 'tell'],
  ['a.tsx', 'const a = <p>the page says so</p>;', 'say'],
  ['a.md', '| the code | the page\nsays so |', 'say'],
  ['a.ts', '// Asked in vain: again.', 'in vain'],
  ['a.py', 'x = 1  # mend it', 'mend'],
  ['protocol/vectors/a.json', '[{"name": "looked after", "raw": "say"}]', 'look after, look at'],
  ['a.css', 'a { } /* a text */', 'text for string'],
  ['a.ts', "fail('must be a list of names');", 'list for array'],
  ['a.md', 'Sends 10 messages a second.', 'a rate without "per"'],
  ['a.md', 'Stores one item a viewer.', 'a rate without "per"'],
  ['a.md', 'For whoever asks.', 'whoever'],
  ['a.md', 'The file beside it.', 'beside'],
  ['a.md', 'The request as it stands.', 'as it stands, done with'],
])('the pattern is found: %s %s', (file, text, name) => {
  const names = findingsIn(file, text).map(({ pattern }) => pattern.name);
  expect(names).toContain(name);
});

test.each([
  ['a.ts', '/** The payload, what `says` returns. */ says("it");'],
  ['a.ts', "type A = 'told';"],
  ['a.md', '## What you get\n\n```ts\nsay(1); // told\n```\n\n[page](told.md) `tell`'],
  ['a.md', 'Waits a second. Of course it ends a second later, with a text message and a second function.'],
  ['a.md', 'What is it? An answer.'],
  ['a.test.ts', "test('a request that fails is retried', () => {});"],
])('plain wording is not found: %s %s', (file, text) => {
  expect(findingsIn(file, text)).toEqual([]);
});

test('a finding has its position, the words around it and a remedy', () => {
  const [finding] = findingsIn('a.ts', '\n\n/**\n * A page.\n * It is told.\n */');
  expect(describeFinding(finding)).toMatch(/^a\.ts:5: ".*It is told\..*"\n {4}tell: notifies/);
});
