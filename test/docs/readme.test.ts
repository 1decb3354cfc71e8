import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The README's snippets are compiled as the files that their first lines name, with what they leave out put before them. */
const ROOT = join(__dirname, '../..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

const BEFORE: Record<string, string> = {
  'infra.ts': `import { App, Duration, Stack } from 'aws-cdk-lib';
import { StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';
class Infra extends Stack { constructor() { super(new App(), 'Infra');
`,
  'handlers/report.ts': `import { defineHandler, type HandlerSignal } from 'cdk-streamer/handler';
import { input } from './report.schema';
declare function build(input: { from: string; to: string }, signal: HandlerSignal): Promise<Uint8Array>;
declare function upload(report: Uint8Array): Promise<string>;
`,
  'app.ts': `import { type ActionsOf, StreamerClient } from 'cdk-streamer-client';
type Actions = ActionsOf<{ generate_report: typeof import('./handlers/report') }>;
declare const url: string;
declare function fetchToken(): Promise<string>;
declare function show(percentage?: number, message?: string): void;
`,
};
const AFTER: Record<string, string> = { 'infra.ts': '} }\nexport { Infra };\n' };
const SCHEMA = `import * as v from 'valibot';
export const input = v.object({ from: v.string(), to: v.string() });
`;

function snippets(): Map<string, string> {
  const blocks = [...readme.matchAll(/```ts\n\/\/ ([\w/.]+)[^\n]*\n([\s\S]*?)```/g)];
  return new Map(blocks.map(([, name, text]) => [name, text]));
}

function compile(files: Map<string, string>): string {
  const dir = mkdtempSync(join(ROOT, 'test/docs/.readme-'));
  try {
    for (const [name, text] of files) {
      mkdirSync(join(dir, dirname(name)), { recursive: true });
      writeFileSync(join(dir, name), text);
    }
    writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', include: ['**/*.ts'] }));
    execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', dir], { encoding: 'utf8' });
    return '';
  } catch (error) {
    return String((error as { stdout?: string }).stdout);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const complete = (edit = (text: string) => text): Map<string, string> => {
  const files = [...snippets()].map(([name, text]): [string, string] => [
    name,
    (BEFORE[name] ?? '') + edit(text) + (AFTER[name] ?? ''),
  ]);
  return new Map([...files, ['handlers/report.schema.ts', SCHEMA]]);
};

test('every snippet of the README compiles', () => {
  expect([...snippets().keys()].sort()).toEqual(Object.keys(BEFORE).sort());
  expect(compile(complete())).toBe('');
});

test("renaming a field of the handler's result breaks the client that the README shows", () => {
  expect(compile(complete((text) => text.replace('return { url:', 'return { address:')))).toContain(
    "'url' does not exist",
  );
});

test('the two lines that do everything are scripts of package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const lines = [...readme.matchAll(/npm ci && npm (\w+)/g)].map(([, script]) => script);
  expect(lines).toEqual(['start', 'test']);
  for (const script of lines) expect(scripts).toHaveProperty(script);
});

test('every file that a page of the documentation links to exists', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target]) => target);
  const missing = links.filter((target) => !existsSync(join(ROOT, target)));
  expect(missing).toEqual([]);
});
