import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APP, compile } from './support/compile';

const report = join(APP, 'handlers/report.ts');
const app = join(APP, 'app.ts');
const textOf = (path: string): string => readFileSync(path, 'utf8');

test('A browser project without Node types compiles against the client, and each of its mistakes is found', () => {
  expect(compile(['app.ts'])).toEqual([]);
});

test("A server's project compiles against the client for servers, and each of its mistakes is found", () => {
  expect(compile(['server.ts'])).toEqual([]);
});

test('The browser project indeed has no Node types', () => {
  const file = join(APP, 'node.ts');
  const errors = compile(['node.ts'], { [file]: 'export const home = process.env.HOME;' });
  expect(errors).toEqual([expect.stringContaining("Cannot find name 'process'")]);
});

test("Renaming a field of a handler's result breaks the code that reads it", () => {
  const renamed = textOf(report).replaceAll('url:', 'link:');
  const errors = compile(['app.ts'], { [report]: renamed });
  expect(errors.length).toBeGreaterThan(0);
  expect(errors.join('\n')).toMatch(/^app\.ts:\d+: Property 'url' does not exist/m);
});

test("A new field in a handler's input breaks the code that does not pass it", () => {
  const stricter = textOf(report).replace('year: v.number()', 'year: v.number(), month: v.number()');
  expect(compile(['app.ts'], { [report]: stricter }).join('\n')).toMatch(/app\.ts:\d+: .*'month' is missing/);
});

test('The fixture detects types that allow everything', () => {
  const careless = textOf(app).replace('StreamerClient<Actions>(', 'StreamerClient<any>(');
  expect(compile(['app.ts'], { [app]: careless }).filter((error) => error.includes('Unused'))).not.toEqual([]);
});

const README = readFileSync(join(__dirname, '../../../client-sdks/typescript/README.md'), 'utf8');
const snippets = [...README.matchAll(/^```ts\n(.*?)^```/gms)].map(([, text]) => text as string);

/** Declarations of the README's first snippet that later snippets use. */
const PRELUDE = `
import { type ActionsOf, type RequestSnapshot, StreamerClient, StreamerError } from 'cdk-streamer-client';
type Actions = ActionsOf<{ generate_report: typeof import('./handlers/report') }>;
declare const client: StreamerClient<Actions>;
`;

/** Writes each snippet to a separate file. Complete snippets get no prelude. */
function filesOf(texts: readonly string[]): Record<string, string> {
  const whole = 'declare function fetchToken(): Promise<string>;\n';
  const isWhole = (text: string) =>
    text.startsWith('import') && (!text.includes('<Actions>') || text.includes('type Actions'));
  const entries = texts.map((text, i): [string, string] => [
    join(APP, `snippet-${i + 1}.ts`),
    `${isWhole(text) ? whole : PRELUDE}${text}\nexport {};`,
  ]);
  return Object.fromEntries(entries);
}

const isForNode = (text: string): boolean => text.includes("from 'ws'");

test.each([
  ['a browser', snippets.filter((text) => !isForNode(text)), {}],
  ['Node', snippets.filter(isForNode), { types: ['node'] }],
])("The README's snippets for %s compile", (_, texts, options) => {
  expect(texts).not.toEqual([]);
  const files = filesOf(texts);
  const names = Object.keys(files).map((file) => file.slice(APP.length + 1));
  expect(compile(names, files, options)).toEqual([]);
});

test("A mistake in one of the README's snippets would be found", () => {
  const files = filesOf(['await client.request("generate_report", { yaer: 2024 });']);
  expect(compile(['snippet-1.ts'], files)).toEqual([expect.stringContaining("'yaer' does not exist")]);
});
