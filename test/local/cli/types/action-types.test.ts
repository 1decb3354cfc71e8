import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { COMMANDS } from '../../../../local/cli/commands';
import { actionTypes } from '../../../../local/cli/types/action-types';
import { installPackages, linkPackages } from '../../../support/published-package';

/**
 * An application in one package and its front end in another. The front end has neither the handlers nor the types of
 * Node.js.
 */
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'action-types-')));
const shop = join(folder, 'shop');
const web = join(folder, 'web');

const SHOP = {
  strict: true,
  module: 'preserve',
  target: 'es2022',
  lib: ['es2023'],
  types: ['node'],
  skipLibCheck: true,
};
const HANDLER = `
import { readFileSync } from 'node:fs';
import { defineHandler } from 'cdk-streamer/handler';
import * as v from 'valibot';
interface Summary { file: string; size: number; madeAt: Date }
export default defineHandler({
  input: v.object({ year: v.number(), title: v.optional(v.string()) }),
  messages: {
    approve: v.object({ ok: v.boolean(), by: v.optional(v.string(), 'nobody') }),
    skip: v.optional(v.number()),
  },
  run: ({ input }): Summary => ({ file: input.title ?? '', size: readFileSync(__filename).length, madeAt: new Date() }),
});`;
const ACTIONS = `
import type { ActionsOf } from 'cdk-streamer-client';
export type Actions = ActionsOf<{ report: typeof import('./handlers/report') }>;`;
const PAGE = `
import { StreamerClient } from 'cdk-streamer-client';
import type { Actions } from './actions';
export async function report(): Promise<string> {
  const client = new StreamerClient<Actions>('wss://example.com', { token: 'token' });
  const { file, size, madeAt } = await client.request('report', { year: 2024 });
  // @ts-expect-error: there is no such action
  void client.request('nothing');
  const handle = client.request('report', { year: 2025 });
  await handle.send('approve', { ok: true });
  await client.send('report', handle.id, 'skip');
  // @ts-expect-error: the action has no such message
  void handle.send('aprove', { ok: true });
  // @ts-expect-error: the data of the message has another type
  void client.send('report', handle.id, 'approve', { ok: 'yes' });
  return file + size.toFixed() + madeAt.toUpperCase();
}`;

function write(file: string, text: string): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

beforeAll(() => {
  installPackages(shop);
  linkPackages(shop, ['aws-cdk-lib', 'constructs', 'typescript', 'valibot', '@types/node', 'undici-types']);
  write(join(shop, 'package.json'), '{"name": "shop"}');
  write(join(shop, 'tsconfig.json'), JSON.stringify({ compilerOptions: SHOP }));
  installPackages(web);
});
beforeEach(() => {
  write(join(shop, 'handlers/report.ts'), HANDLER);
  write(join(shop, 'actions.ts'), ACTIONS);
  write(join(web, 'page.ts'), PAGE);
});
afterAll(() => rmSync(folder, { recursive: true }));

const generate = (module = 'actions.ts', name = 'Actions') => actionTypes({ module: join(shop, module), name });

/** Returns the compiler's errors for files in the front end's package. */
function compile(file: string, options: ts.CompilerOptions = {}): string[] {
  const program = ts.createProgram([file], {
    ...{
      strict: true,
      noEmit: true,
      types: [],
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
      target: ts.ScriptTarget.ES2022,
    },
    ...{ module: ts.ModuleKind.Preserve, moduleResolution: ts.ModuleResolutionKind.Bundler, ...options },
  });
  const own = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(folder));
  return own
    .flatMap((each) => [...program.getSyntacticDiagnostics(each), ...program.getSemanticDiagnostics(each)])
    .map(({ code, messageText }) => `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
}

test('a front end without Node’s types compiles strictly against the declaration', () => {
  write(join(web, 'actions.d.ts'), generate());

  expect(compile(join(web, 'page.ts'))).toEqual([]);
});

test('the front end could not compile the handlers themselves', () => {
  write(join(web, 'actions.d.ts'), "export type { Actions } from '../shop/actions';\n");

  expect(compile(join(web, 'page.ts')).join('\n')).toMatch(/TS2591: Cannot find name 'node:fs'/);
});

test('renaming a field of the result breaks the front end', () => {
  const renamed = HANDLER.replace('size: number', 'bytes: number').replace('size: read', 'bytes: read');
  write(join(shop, 'handlers/report.ts'), renamed);
  write(join(web, 'actions.d.ts'), generate());

  expect(compile(join(web, 'page.ts'))).toEqual([expect.stringMatching(/TS2339: Property 'size' does not exist/)]);
});

test('if a message or a field of its data is renamed, the front end that sends it no longer compiles', () => {
  for (const [from, to] of [
    ['approve: v.object', 'accept: v.object'],
    ['ok: v.boolean()', 'yes: v.boolean()'],
  ] as const) {
    write(join(shop, 'handlers/report.ts'), HANDLER.replace(from, to));
    write(join(web, 'actions.d.ts'), generate());

    expect(compile(join(web, 'page.ts')).join()).toMatch(/^TS2/);
  }
});

const ALL_KINDS = `
import type { ActionsOf } from 'cdk-streamer-client';
import type { Kind } from './kind';
interface Tree { name: string; children: Tree[]; parent?: Tree }
type Handler<Input, Result, Events> = { default: { '~types'?: { input: Input; result: Result; events: Events } } };
interface Input {
  at: Date; kinds: Kind[]; 'a-b': 1; when: \`t\${number}\`; pair: [string, number?, ...boolean[]]; tags?: readonly string[];
  /** Where it stands. */
  state: 'done' | 'open' | null; either: (string | number)[]; both: { a: string } & { b?: number };
}
type Result = { tree: Tree; byName: Record<string, { x: 1 }>; maybe: string | undefined; flag?: boolean; json: unknown } | null;
export type Actions = ActionsOf<{
  all: Handler<Input, Result, { page: { at: Date } }>;
  forest: Handler<undefined, Tree[], Record<string, never>>;
}>;`;

test('every kind of type is written as a type with the same values', () => {
  write(join(shop, 'kind.ts'), "export enum Kind { A = 'a', B = 2 }");
  write(join(shop, 'all.ts'), ALL_KINDS.replace(/kinds: Kind\[\];/, ''));
  const text = generate('all.ts');
  write(join(shop, 'generated.d.ts'), text);
  const check = `
    import type { Actions } from './all';
    import type { Actions as Generated } from './generated';
    export const there = (x: Actions): Generated => x;
    export const back = (x: Generated): Actions => x;`;
  const node = join(shop, 'node_modules/@types');

  expect(compile(write(join(shop, 'check.ts'), check), { types: ['node'], typeRoots: [node] })).toEqual([]);
  expect(text).not.toContain('import');
  expect(text).toContain('/** Where it stands. */');
  expect(text.match(/^type Tree\w* = /gm)).toHaveLength(1);
});

test('an enum is written as its values', () => {
  write(join(shop, 'all.ts'), ALL_KINDS);

  expect(generate('all.ts')).toContain('kinds: ("a" | 2)[];');
});

test.each([
  ['a function', '{ on: () => void }', 'Actions.a.input.on is a function, which a message cannot contain'],
  [
    'a type of Node.js',
    "import('node:fs').Stats",
    'Actions.a.input is a Stats of Node.js, which a message cannot contain',
  ],
])('%s in an input is refused with its position', (_what, input, message) => {
  const module = `export type Actions = { a: { input: ${input}; result: 1; events: {} } };`;
  write(join(shop, 'bad.ts'), module);

  expect(() => generate('bad.ts')).toThrow(message);
});

test('a module without the type, and a module with errors, are refused', () => {
  expect(() => generate('actions.ts', 'Others')).toThrow('exports no type Others; it exports Actions');
  expect(() => generate('none.ts')).toThrow('there is no module');
  write(join(shop, 'handlers/report.ts'), HANDLER.replace('input.title', 'input.tittle'));
  expect(() => generate()).toThrow(/the types have errors:\nhandlers\/report\.ts\(12,\d+\): error TS2551/);
});

test('without TypeScript, or with a version that has no compiler API, the error names the package to install', () => {
  const generateIn = (bare: string) =>
    actionTypes({ module: write(join(bare, 'actions.ts'), 'export type Actions = {};'), name: 'Actions' });
  expect(() => generateIn(join(folder, 'bare'))).toThrow('npm install --save-dev typescript@6');
  write(join(folder, 'newest/node_modules/typescript/package.json'), '{"version": "7.0.2"}');
  write(join(folder, 'newest/node_modules/typescript/index.js'), "exports.version = '7.0.2';");
  expect(() => generateIn(join(folder, 'newest'))).toThrow(/before version 7, got: 7\.0\.2/);
});

describe('the command', () => {
  const command = COMMANDS.find(({ name }) => name === 'types');
  const run = async (values: Record<string, unknown>, ...positionals: string[]) => {
    const lines: string[] = [];
    const io = { cwd: shop, write: (line: string) => lines.push(line), tell: (line: string) => lines.push(line) };
    const code = await command?.run(command.parse({ values: values as never, positionals }), io as never);
    return { code, text: lines.join('\n') };
  };

  test('the command prints, writes and checks', async () => {
    const out = '../web/src/actions.d.ts';
    expect(await run({})).toEqual({ code: 0, text: generate().trimEnd() });
    expect(await run({ out, check: true }, 'actions.ts')).toMatchObject({ code: 1 });
    expect(await run({ out }, 'actions.ts')).toEqual({ code: 0, text: '' });
    expect(readFileSync(join(web, 'src/actions.d.ts'), 'utf8')).toBe(generate());
    expect(await run({ out, check: true })).toEqual({ code: 0, text: '' });
    write(join(shop, 'handlers/report.ts'), HANDLER.replaceAll('madeAt', 'createdAt'));
    expect(await run({ out, check: true })).toEqual({
      code: 1,
      text: `${out} is out of date: run npx cdk-streamer types actions.ts --out ${out}`,
    });
  });

  test.each([
    [{ check: true }, [], '--check needs --out'],
    [{ name: 'a b' }, [], '--name must be the name of a type'],
    [{}, ['a.ts', 'b.ts'], 'expected one module'],
  ])('%j with %j is refused', (values, positionals, message) => {
    expect(() => command?.parse({ values: values as never, positionals })).toThrow(message);
  });
});
