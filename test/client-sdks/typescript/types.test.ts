import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, FIXTURE } from './support/compile';

const { 'app.ts': app, 'server.ts': server, 'handlers/report.ts': report } = FIXTURE;

const README = readFileSync(join(__dirname, '../../../client-sdks/typescript/README.md'), 'utf8');
const snippets = [...README.matchAll(/^```ts\n(.*?)^```/gms)].map(([, text]) => text as string);
const isForNode = (text: string): boolean => text.includes("from 'ws'");

/** Declarations of the README's first snippet that later snippets use. */
const PRELUDE = `
import { type ActionsOf, type RequestSnapshot, StreamerClient, StreamerError } from 'cdk-streamer-client';
type Actions = ActionsOf<{ generate_report: typeof import('./handlers/report') }>;
declare const client: StreamerClient<Actions>;
`;

/** Files with one snippet each. Complete snippets get no prelude. */
function filesOf(texts: readonly string[]): Record<string, string> {
  const whole = 'declare function fetchToken(): Promise<string>;\n';
  const isWhole = (text: string) =>
    text.startsWith('import') && (!text.includes('<Actions>') || text.includes('type Actions'));
  const entries = texts.map((text, i): [string, string] => [
    `snippet-${i + 1}.ts`,
    `${isWhole(text) ? whole : PRELUDE}${text}\nexport {};`,
  ]);
  return Object.fromEntries(entries);
}

const forBrowsers = filesOf(snippets.filter((text) => !isForNode(text)));
const forNode = filesOf(snippets.filter(isForNode));

/** Errors of projects without Node's types. */
const errors = compile({
  browser: { 'app.ts': app },
  server: { 'server.ts': server },
  node: { 'node.ts': 'export const home = process.env.HOME;' },
  renamed: { 'app.ts': app, 'handlers/report.ts': report.replaceAll('url:', 'link:') },
  stricter: {
    'app.ts': app,
    'handlers/report.ts': report.replace('year: v.number()', 'year: v.number(), month: v.number()'),
  },
  careless: { 'app.ts': app.replace('StreamerClient<Actions>(', 'StreamerClient<any>(') },
  readme: forBrowsers,
  mistake: filesOf(['await client.request("generate_report", { yaer: 2024 });']),
});

test('A browser project without Node types compiles against the client, and each of its mistakes is found', () => {
  expect(errors.browser).toEqual([]);
});

test("A server's project compiles against the client for servers, and each of its mistakes is found", () => {
  expect(errors.server).toEqual([]);
});

test('The browser project indeed has no Node types', () => {
  expect(errors.node).toEqual([expect.stringContaining("Cannot find name 'process'")]);
});

test("Renaming a field of a handler's result breaks the code that reads it", () => {
  expect(errors.renamed.length).toBeGreaterThan(0);
  expect(errors.renamed.join('\n')).toMatch(/^app\.ts:\d+: Property 'url' does not exist/m);
});

test("A new field in a handler's input breaks the code that does not pass it", () => {
  expect(errors.stricter.join('\n')).toMatch(/app\.ts:\d+: .*'month' is missing/);
});

test('The fixture detects types that allow everything', () => {
  expect(errors.careless.filter((error) => error.includes('Unused'))).not.toEqual([]);
});

test("The README's snippets for a browser compile", () => {
  expect(forBrowsers).not.toEqual({});
  expect(errors.readme).toEqual([]);
});

test("The README's snippets for Node compile", () => {
  expect(forNode).not.toEqual({});
  expect(compile({ node: forNode }, { types: ['node'] })).toEqual({ node: [] });
});

test("A mistake in one of the README's snippets would be found", () => {
  expect(errors.mistake).toEqual([expect.stringContaining("'yaer' does not exist")]);
});
