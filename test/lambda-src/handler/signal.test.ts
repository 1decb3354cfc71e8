import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { installPackages, linkPackages } from '../../support/published-package';

/** A project with the built package. TypeScript compiles it with the types of each setting. */
const project = realpathSync(mkdtempSync(join(tmpdir(), 'handler-signal-')));
beforeAll(() => {
  installPackages(project);
  linkPackages(project, ['@types/node', 'undici-types']);
});
afterAll(() => rmSync(project, { recursive: true }));

const DOM = { lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'], types: [] };
const NODE = { lib: ['lib.es2023.d.ts'], types: ['node'] };
const BOTH = { lib: DOM.lib, types: NODE.types };
const NEITHER = { lib: NODE.lib, types: DOM.types };

/** Compiles a handler with these statements. Returns the compiler's errors about the handler and about the package's declarations. */
function compile(
  settings: { readonly lib: string[]; readonly types: string[] },
  statements: string,
  imports = '',
): string[] {
  const file = join(project, 'handlers/report.ts');
  mkdirSync(dirname(file), { recursive: true });
  const handler = `import { defineHandler, type HandlerSignal } from 'cdk-streamer/handler';
    ${imports}
    export default defineHandler({ run: async ({ signal }) => { ${statements} } });`;
  writeFileSync(file, handler);
  const program = ts.createProgram([file], {
    ...{
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      typeRoots: [join(project, 'node_modules/@types')],
    },
    ...{ module: ts.ModuleKind.Preserve, moduleResolution: ts.ModuleResolutionKind.Bundler, ...settings },
  });
  return program
    .getSourceFiles()
    .filter(({ fileName }) => fileName === file || fileName.includes('cdk-streamer/lib'))
    .flatMap((each) => [...program.getSyntacticDiagnostics(each), ...program.getSemanticDiagnostics(each)])
    .map(({ code, messageText }) => `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
}

const BASICS = `
  signal.throwIfAborted();
  signal.addEventListener('abort', () => undefined, { once: true });
  const copy: HandlerSignal = signal;
  return { aborted: copy.aborted };`;
const GLOBALS = "await fetch('http://example.com', { signal }); AbortSignal.any([signal]);";
const MODULES = `
  await setTimeout(1, undefined, { signal });
  execFile('ls', { signal }, () => undefined);
  await once(new EventEmitter(), 'end', { signal });`;
const IMPORTS = `
  import { execFile } from 'node:child_process';
  import { EventEmitter, once } from 'node:events';
  import { setTimeout } from 'node:timers/promises';`;

test.each([
  ["Node's types", NODE],
  ['the types of browsers', DOM],
  ['both', BOTH],
])('with %s, a handler can pass its signal to fetch and AbortSignal.any', (_setting, settings) => {
  expect(compile(settings, GLOBALS + BASICS)).toEqual([]);
});

test.each([
  ["Node's types", NODE],
  ['both', BOTH],
])('with %s, a handler can pass its signal to modules of Node.js', (_setting, settings) => {
  expect(compile(settings, MODULES + BASICS, IMPORTS)).toEqual([]);
});

test('without the types of Node.js and of browsers, a handler compiles and its signal has the part that handlers use', () => {
  expect(compile(NEITHER, BASICS)).toEqual([]);
  expect(compile(NEITHER, 'signal.dispatchEvent();')).toEqual([
    expect.stringMatching(/TS2339: Property 'dispatchEvent'/),
  ]);
});
