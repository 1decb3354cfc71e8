import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { COMMANDS } from '../../../../local/cli/commands';
import { actionTypes } from '../../../../local/cli/types/action-types';
import { type CompilerError, compileFolder } from '../../../support/compiler';
import { linkPackages } from '../../../support/published-package';

const ROOT = join(__dirname, '../../../..');

/**
 * An application in one package and its front end in another. The front end has neither the handlers nor the types of
 * Node.js. `plain` is an application without packages, so that the compiler reads little.
 */
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'action-types-')));
const shop = join(folder, 'shop');
const web = join(folder, 'web');
const plain = join(folder, 'plain');

const OPTIONS = { strict: true, module: 'preserve', target: 'es2022', types: [] };
const PLAIN = { ...OPTIONS, lib: ['es5'] };
const SHOP = { ...OPTIONS, lib: ['es2023'], types: ['node'], skipLibCheck: true };
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

/** The handler, and the handler after changes that break a front end. */
const HANDLERS = {
  report: HANDLER,
  renamedResult: HANDLER.replace('size: number', 'bytes: number').replace('size: read', 'bytes: read'),
  renamedMessage: HANDLER.replace('approve: v.object', 'accept: v.object'),
  renamedData: HANDLER.replace('ok: v.boolean()', 'yes: v.boolean()'),
};
type Action = keyof typeof HANDLERS;
const ACTION_NAMES = Object.keys(HANDLERS) as Action[];
const ACTIONS = `
import type { ActionsOf } from 'cdk-streamer-client';
export type Actions = ActionsOf<{ ${ACTION_NAMES.map((name) => `${name}: typeof import('./handlers/${name}')`).join('; ')} }>;`;

/** Page that uses one of the actions. */
const pageOf = (action: Action): string => `
import { StreamerClient } from 'cdk-streamer-client';
import type { Actions } from './actions';
export async function report(): Promise<string> {
  const client = new StreamerClient<Actions>('wss://example.com', { token: 'token' });
  const { file, size, madeAt } = await client.request('${action}', { year: 2024 });
  // @ts-expect-error: there is no such action
  void client.request('nothing');
  const handle = client.request('${action}', { year: 2025 });
  await handle.send('approve', { ok: true });
  await client.send('${action}', handle.id, 'skip');
  // @ts-expect-error: the action has no such message
  void handle.send('aprove', { ok: true });
  // @ts-expect-error: the data of the message has another type
  void client.send('${action}', handle.id, 'approve', { ok: 'yes' });
  return file + size.toFixed() + madeAt.toUpperCase();
}`;

const ALL_KINDS = `
import type { ActionsOf } from 'cdk-streamer-client';
import type { Kind } from './kind';
interface Tree { name: string; children: Tree[]; parent?: Tree }
type Handler<Input, Result, Events> = { default: { '~types'?: { input: Input; result: Result; events: Events } } };
interface Input {
  at: Date; 'a-b': 1; when: \`t\${number}\`; pair: [string, number?, ...boolean[]]; tags?: readonly string[];
  /** Where it stands. */
  state: 'done' | 'open' | null; either: (string | number)[]; both: { a: string } & { b?: number };
}
type Result = { tree: Tree; byName: Record<string, { x: 1 }>; maybe: string | undefined; flag?: boolean; json: unknown } | null;
export type Actions = ActionsOf<{
  all: Handler<Input, Result, { page: { at: Date } }>;
  kinds: Handler<{ kinds: Kind[] }, null, {}>;
  forest: Handler<undefined, Tree[], Record<string, never>>;
}>;`;

const CHECK = `
import type { Actions } from './all';
import type { Actions as Generated } from './generated';
type Checked = 'all' | 'forest';
export const there = (x: Pick<Actions, Checked>): Pick<Generated, Checked> => x;
export const back = (x: Pick<Generated, Checked>): Pick<Actions, Checked> => x;`;

/** Light modules of the application without packages. */
const LIGHT = {
  'actions.ts': 'export type Actions = { report: { input: { year: number }; result: { madeAt: Date } } };',
  'wrong.ts': "import { size } from './handlers/wrong';\nexport type Actions = { a: typeof size };",
  'handlers/wrong.ts': "\nexport const size = ''.lenght;",
  'function.ts': 'export type Actions = { a: { input: { on: () => void }; result: 1; events: {} } };',
  'kind.ts': "export enum Kind { A = 'a', B = 2 }",
  'all.ts': ALL_KINDS,
};

function write(file: string, text: string): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function writeAll(project: string, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) write(join(project, file), text);
}

/** Installs declarations of the client, as npm would. Those that the build emits for `cdk-streamer/testing` lack the index. */
function installClient(project: string): void {
  const types = join(ROOT, 'lib/testing/types/client-sdks/typescript/src');
  writeAll(join(project, 'node_modules/cdk-streamer-client'), {
    'package.json': '{ "name": "cdk-streamer-client", "version": "0.0.0" }',
    'index.d.ts': `export { StreamerClient } from '${types}/client';\nexport type { ActionsOf } from '${types}/types';\n`,
  });
}

const generate = (module = 'actions.ts', project = shop) =>
  actionTypes({ module: join(project, module), name: 'Actions' });

/** Declaration of the types in `all.ts`. */
let allKinds: string;
/** The compiler's errors in the packages. */
let errors: CompilerError[];

const errorsIn = (start: string): string[] =>
  errors.filter(({ file }) => file.startsWith(start)).map(({ code, message }) => `TS${code}: ${message}`);

beforeAll(() => {
  for (const project of [shop, web, plain]) installClient(project);
  linkPackages(shop, ['typescript', 'valibot', '@types/node', 'undici-types']);
  linkPackages(plain, ['typescript']);
  symlinkSync(ROOT, join(shop, 'node_modules/cdk-streamer'));
  writeAll(shop, {
    'tsconfig.json': JSON.stringify({ compilerOptions: SHOP }),
    ...Object.fromEntries(ACTION_NAMES.map((name) => [`handlers/${name}.ts`, HANDLERS[name]])),
    'actions.ts': ACTIONS,
  });
  writeAll(plain, { 'tsconfig.json': JSON.stringify({ compilerOptions: PLAIN }), ...LIGHT });

  allKinds = generate('all.ts', plain);
  writeAll(plain, { 'generated.d.ts': allKinds, 'check.ts': CHECK });
  writeAll(web, {
    'actions.d.ts': generate(),
    ...Object.fromEntries(ACTION_NAMES.map((name) => [`${name}.ts`, pageOf(name)])),
    'direct/actions.d.ts': "export type { Actions } from '../../shop/actions';\n",
    'direct/page.ts': pageOf('report'),
  });
  errors = compileFolder(
    folder,
    { compilerOptions: { ...OPTIONS, lib: ['es2023', 'dom'], skipDefaultLibCheck: true } },
    [...ACTION_NAMES.map((name) => `web/${name}.ts`), 'web/direct/page.ts', 'plain/check.ts'],
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a front end without Node’s types compiles strictly against the declaration', () => {
  expect(errorsIn('web/actions.d.ts')).toEqual([]);
  expect(errorsIn('web/report.ts')).toEqual([]);
});

test('the front end could not compile the handlers themselves', () => {
  expect(errorsIn('shop/').join('\n')).toMatch(/TS2591: Cannot find name 'node:fs'/);
});

test('renaming a field of the result breaks the front end', () => {
  expect(errorsIn('web/renamedResult.ts')).toEqual([expect.stringMatching(/TS2339: Property 'size' does not exist/)]);
});

test.each([
  'renamedMessage',
  'renamedData',
])('if a message or a field of its data is renamed, the front end that sends it no longer compiles: %s', (name) => {
  expect(errorsIn(`web/${name}.ts`).join()).toMatch(/^TS2/);
});

test('every kind of type is written as a type with the same values', () => {
  expect(errorsIn('plain/')).toEqual([]);
  expect(allKinds).not.toContain('import');
  expect(allKinds).toContain('/** Where it stands. */');
  expect(allKinds.match(/^type Tree\w* = /gm)).toHaveLength(1);
});

test('an enum is written as its values', () => {
  expect(allKinds).toContain('kinds: ("a" | 2)[];');
});

test('a function in an input is refused with its position', () => {
  expect(() => generate('function.ts', plain)).toThrow(
    'Actions.a.input.on is a function, which a message cannot contain',
  );
});

test('a type of Node.js in an input is refused with its position', () => {
  write(
    join(shop, 'stats.ts'),
    "export type Actions = { a: { input: import('node:fs').Stats; result: 1; events: {} } };",
  );

  expect(() => generate('stats.ts')).toThrow('Actions.a.input is a Stats of Node.js, which a message cannot contain');
});

test('a module without the type, and a module with errors, are refused', () => {
  expect(() => actionTypes({ module: join(plain, 'actions.ts'), name: 'Others' })).toThrow(
    'exports no type Others; it exports Actions',
  );
  expect(() => generate('none.ts', plain)).toThrow('there is no module');
  expect(() => generate('wrong.ts', plain)).toThrow(
    /the types have errors:\nhandlers\/wrong\.ts\(2,\d+\): error TS2551/,
  );
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
    const io = { cwd: plain, write: (line: string) => lines.push(line), tell: (line: string) => lines.push(line) };
    const code = await command?.run(command.parse({ values: values as never, positionals }), io as never);
    return { code, text: lines.join('\n') };
  };

  test('the command prints, writes and checks', async () => {
    const out = '../front/src/actions.d.ts';
    expect(await run({})).toEqual({ code: 0, text: generate('actions.ts', plain).trimEnd() });
    expect(await run({ out, check: true }, 'actions.ts')).toMatchObject({ code: 1 });
    expect(await run({ out }, 'actions.ts')).toEqual({ code: 0, text: '' });
    expect(readFileSync(join(plain, out), 'utf8')).toBe(generate('actions.ts', plain));
    expect(await run({ out, check: true })).toEqual({ code: 0, text: '' });
    write(join(plain, 'actions.ts'), LIGHT['actions.ts'].replace('madeAt', 'createdAt'));
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
