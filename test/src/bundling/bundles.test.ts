import * as fs from 'node:fs';
import * as path from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { HandlerMode, StreamerHandler } from '../../../src';
import { auth, build } from '../support/apps';
import { HANDLERS, makeProject } from '../support/project';

const handlers = {
  echo: StreamerHandler.sync('handlers/echo.ts'),
  generate_report: StreamerHandler.async('handlers/report.ts'),
};

/** A report handler that needs a large library. Only its schema may be in the router's bundle. */
const WITH_LIBRARY = {
  ...HANDLERS,
  'node_modules/big-library/package.json': '{ "name": "big-library", "main": "index.js" }',
  'node_modules/big-library/index.js': "exports.draw = () => 'MARKER OF THE LIBRARY';",
  'handlers/report.ts': `import { draw } from 'big-library';
import { input } from './report.schema';
export default { input, run: async () => draw() };`,
  'handlers/report.schema.ts':
    "export const input = { '~standard': { version: 1, vendor: 'MARKER OF THE SCHEMA', validate: (value: unknown) => ({ value }) } };",
};

interface Resource {
  // biome-ignore lint/suspicious/noExplicitAny: a template's properties have no static shape
  readonly Properties: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly Metadata?: any;
}

interface Bundle {
  readonly hash: string;
  readonly files: string[];
  readonly code: string;
}

/** Whether the bundle contains the string. A string matcher would print the whole bundle when it fails. */
const has = (bundle: Bundle, text: string): boolean => bundle.code.includes(text);

/** Bundles a project, and returns the code of its parts. */
function bundles(projectRoot: string, using = handlers): { readonly router: Bundle; readonly processor: Bundle } {
  const { app, stack, api } = build({ auth, projectRoot, handlers: using }, {});
  const assembly = app.synth();
  const of = (action: keyof typeof handlers): Bundle => {
    const logicalId = stack.getLogicalId(api.handler(action).function.node.defaultChild as never);
    const template = assembly.getStackByName(stack.stackName).template;
    const hash = path.basename(template.Resources[logicalId].Properties.Code.S3Key, '.zip');
    const folder = path.join(assembly.directory, `asset.${hash}`);
    return { hash, files: fs.readdirSync(folder).sort(), code: fs.readFileSync(path.join(folder, 'index.js'), 'utf8') };
  };
  return { router: of('echo'), processor: of('generate_report') };
}

const bundling =
  (files: Record<string, string>, using = handlers) =>
  () =>
    bundles(makeProject({ ...HANDLERS, ...files }), using);

describe('bundles', () => {
  const { router, processor } = bundles(makeProject(WITH_LIBRARY));

  test("the library of an async handler is in its processor, and not in the router's bundle", () => {
    expect(has(processor, 'MARKER OF THE LIBRARY')).toBe(true);
    expect(has(router, 'MARKER OF THE LIBRARY')).toBe(false);
  });

  test("the schema of an async handler is in the router's bundle", () => {
    expect(has(router, 'MARKER OF THE SCHEMA')).toBe(true);
  });

  test('the runtime is next to each bundle; only a processor has the file of the heartbeat', () => {
    expect([processor.files, router.files]).toEqual([
      ['heartbeat.js', 'index.js', 'index.js.map', 'streamer-processor.js'],
      ['index.js', 'index.js.map', 'streamer-router.js'],
    ]);
  });

  test('the bundles contain no path of the machine', () => {
    expect([router, processor].map((bundle) => has(bundle, process.cwd()))).toEqual([false, false]);
  });
});

test('the hash is the same in checkouts at different paths', () => {
  const [near, far] = [makeProject(WITH_LIBRARY), makeProject(WITH_LIBRARY, 'a', 'b', 'c')].map((root) =>
    bundles(root),
  );
  expect([near.router.hash, near.processor.hash]).toEqual([far.router.hash, far.processor.hash]);
});

test('the hash changes with the code', () => {
  const changed = { ...WITH_LIBRARY, 'node_modules/big-library/index.js': "exports.draw = () => 'another';" };
  const [before, after] = [makeProject(WITH_LIBRARY), makeProject(changed)].map((root) => bundles(root));
  expect(before.processor.hash).not.toBe(after.processor.hash);
  expect(before.router.hash).toBe(after.router.hash);
});

test('the hash does not depend on the order of the actions', () => {
  const root = makeProject();
  const { echo, generate_report } = handlers;
  expect(bundles(root, { generate_report, echo }).router.hash).toBe(
    bundles(root, { echo, generate_report }).router.hash,
  );
});

test("a handler's module may be outside the project, at an absolute path", () => {
  const outside = path.join(makeProject({ 'h.ts': "export default { run: async () => 'FROM OUTSIDE' };" }), 'h.ts');
  const { processor } = bundles(makeProject(), { ...handlers, generate_report: StreamerHandler.async(outside) });
  expect(has(processor, 'FROM OUTSIDE')).toBe(true);
});

test('a module may read its own path from import.meta.url', () => {
  const { processor } = bundling({
    'handlers/report.ts': "export default { run: async () => new URL('MARKER', import.meta.url).href };",
  })();
  expect(has(processor, 'import.meta')).toBe(false);
  expect(has(processor, 'new URL("MARKER",__streamerUrl)')).toBe(true);
});

test('a CSV file is imported as a string', () => {
  const { processor } = bundling({
    'handlers/flights.csv': 'origin,delay\nMARKER,1',
    'handlers/report.ts': "import csv from './flights.csv'; export default { run: async () => csv };",
  })();
  expect(has(processor, 'origin,delay\nMARKER,1')).toBe(true);
});

describe('synthesis fails with what to change when', () => {
  test('a handler has no default export', () => {
    expect(bundling({ 'handlers/report.ts': 'export const run = async () => 1;' })).toThrow(
      /`handlers\.generate_report` must name a module with a default export, got: '.*handlers\/report\.ts \(exports: run\)'/,
    );
  });

  test('a sync handler exports nothing', () => {
    expect(bundling({ 'handlers/echo.ts': 'console.log(1);' })).toThrow(
      /`handlers\.echo` must name a module with a default export, got: .*\(exports: nothing\)/,
    );
  });

  test('a schema module exports neither `input` nor `default`', () => {
    expect(bundling({ 'handlers/report.schema.ts': 'export const schema = 1;' })).toThrow(
      /`handlers\.generate_report\.schema` must name a module that exports a schema as `input` or `default`, got: .*\(exports: schema\)/,
    );
  });

  test('a handler has a syntax error', () => {
    expect(bundling({ 'handlers/report.ts': 'export default {' })).toThrow(
      /could not be bundled[\s\S]*handlers\/report\.ts:1/,
    );
  });

  test('a handler imports a module that does not exist', () => {
    expect(bundling({ 'handlers/report.ts': "import './missing'; export default {};" })).toThrow(
      /Could not resolve "\.\/missing"/,
    );
  });
});

describe('a module that cannot be a handler is refused at synthesis', () => {
  const schema = (source: string) => bundling({ 'handlers/report.schema.ts': source });

  test.each([
    ['a function', 'export default async (event) => event;', 'async (event) =>'],
    ['a function by its name', 'export default function run() {}', 'function'],
    ['a class', 'export default class Echo {}', 'class'],
    ['a string', "export default 'echo';", "'"],
  ])('a default export that certainly is %s is refused', (_, source, shown) => {
    expect(bundling({ 'handlers/echo.ts': source })).toThrow(
      `echo.ts (export default ${shown} …)'. Wrap it: \`export default defineHandler({ run: … })\``,
    );
  });

  test.each([
    ['an arrow function', 'const h = async () => 1;\nexport default h;', 'h: async () =>'],
    ['a typed function', 'const h: () => Promise<number> = async () => 1;\nexport default h', 'h: async () =>'],
    ['a function', 'async function h() {}\nexport default h;', 'h: async function'],
    ['a class', 'export class H {}\nexport default H;', 'H: class'],
    ['a function that is renamed', 'const h = () => 1;\nexport { h as default };', 'h: () =>'],
    ['a function in CommonJS', 'module.exports = async () => 1;', 'module.exports = async () =>'],
    ['a function in compiled code', 'exports.default = function () {};', 'exports.default = function'],
    ['a constant', "const h = 'echo';\nexport default h;", "h: '"],
  ])('a default export by a name that is %s is refused', (_, source, shown) => {
    expect(bundling({ 'handlers/echo.ts': source })).toThrow(`echo.ts (${shown} …)'. Wrap it:`);
  });

  test.each([
    ['an object by a name', 'const h = { run: async () => 1 };\nexport default h;'],
    ['a function with a method `run`', 'const h = () => 1;\nh.run = h;\nexport default h;'],
    ['a result of a function', 'const make = () => ({ run: async () => 1 });\nexport default make();'],
    ['an object in CommonJS', 'module.exports = { run: async () => 1 };'],
    ['`exports.default` in CommonJS', 'exports.default = { run: async () => 1 };'],
  ])('a module that may be a handler is accepted: %s', (_, source) => {
    expect(bundling({ 'handlers/echo.ts': source })).not.toThrow();
  });

  test('code in a comment is not a reason to refuse a module', () => {
    const echo = '/* once:\nexport default function run() {}\n*/\nexport default { run: async () => 1 };';
    expect(bundling({ 'handlers/echo.ts': echo })).not.toThrow();
  });

  test('a schema module that throws is refused, and the error has its cause', () => {
    expect(schema("throw new TypeError('no such unit');")).toThrow(
      /`handlers\.generate_report\.schema` must name a module that can be loaded, got: '.*report\.schema\.ts'\. It threw TypeError: no such unit/,
    );
  });

  test.each([
    ['an object of another form', 'export const input = { parse: (value) => value };'],
    ['another version', "export const input = { '~standard': { version: 2, validate: () => ({}) } };"],
    ['nothing', 'export const input = undefined;'],
  ])('a schema that is %s is refused', (_, source) => {
    expect(schema(source)).toThrow(
      /exports a schema as `input` or `default`, got: .*A schema is an object that implements Standard/,
    );
  });

  test("a module is accepted if its syntax is only supported by Lambda's version of Node.js", () => {
    // A group with its own flags. Node.js 24 supports this syntax, but Node.js 20 does not.
    const young = `${HANDLERS['handlers/report.schema.ts']} export const unit = /(?i:km)/;`;
    expect(schema(young)).not.toThrow();
  });

  test("the schema of a user's function is checked, although only the router's bundle contains it", () => {
    const scope = new Stack();
    const fn = LambdaFunction.fromFunctionArn(scope, 'Fn', 'arn:aws:lambda:us-east-1:123456789012:function:f');
    const echo = StreamerHandler.fromFunction(fn, { mode: HandlerMode.SYNC, schema: 's.ts' });
    const project = (source: string) => () =>
      build(
        { auth, projectRoot: makeProject({ ...HANDLERS, 's.ts': source }), handlers: { ...handlers, echo } },
        {},
      ).app.synth();
    expect(project('export const input = 5;')).toThrow(
      /`handlers\.echo\.schema` must name a module that exports a schema/,
    );
    expect(project(HANDLERS['handlers/report.schema.ts'])).not.toThrow();
  });

  test('a schema may be a function, and be the default export of a CommonJS module', () => {
    const source =
      "module.exports = Object.assign(() => 1, { '~standard': { version: 1, validate: (value) => ({ value }) } });";
    const named = { ...handlers, generate_report: StreamerHandler.async('handlers/report.ts', { schema: 's.cjs' }) };
    expect(bundling({ 's.cjs': source }, named)).not.toThrow();
  });
});

describe('a local run that rebuilds what changes', () => {
  const DEV = { 'cdk-streamer:dev': true };
  const projectRoot = makeProject(WITH_LIBRARY);
  const synth = (context: Record<string, unknown>) => {
    const { app, stack } = build({ auth, projectRoot, handlers }, context);
    return app.synth().getStackByName(stack.stackName).template.Resources as Record<string, Resource>;
  };
  const bundled = (resources: Record<string, Resource>) =>
    Object.values(resources).filter(({ Metadata }) => Metadata?.['cdk-streamer:bundle']);

  test('a local run finds the build options of each function, and builds the same bytes again', () => {
    const found = bundled(synth(DEV));
    // The three functions are the router, the dispatcher and the processor.
    expect(found).toHaveLength(3);
    for (const { Metadata, Properties } of found) {
      const { build: options, besides } = JSON.parse(JSON.stringify(Metadata['cdk-streamer:bundle']));
      const [{ contents }] = buildSync({ ...options, write: false }).outputFiles ?? [];
      const { code } = assetOf(DEV, Properties.Code.S3Key);
      expect(Buffer.from(contents).toString() === code).toBe(true);
      expect(besides.every((file: string) => path.isAbsolute(file) && fs.existsSync(file))).toBe(true);
    }
  });

  test('a synthesis for a local run does not change any function', () => {
    const keys = (resources: Record<string, Resource>) =>
      Object.values(resources).map(({ Properties }) => Properties?.Code?.S3Key);
    expect(keys(synth(DEV))).toEqual(keys(synth({})));
    expect(bundled(synth({}))).toEqual([]);
  });

  function assetOf(context: Record<string, unknown>, key: string) {
    const { app } = build({ auth, projectRoot, handlers }, context);
    const folder = path.join(app.synth().directory, `asset.${path.basename(key, '.zip')}`);
    return { code: fs.readFileSync(path.join(folder, 'index.js'), 'utf8') };
  }
});

test('a bundle contains the code that invokes functions only if a handler is a function', () => {
  const isolated = { ...handlers, echo: StreamerHandler.sync('handlers/echo.ts', { isolated: true }) };
  const projectRoot = makeProject(WITH_LIBRARY);
  const { app } = build({ auth, projectRoot, handlers: isolated }, {});
  const { directory } = app.synth();
  const folders = fs.readdirSync(directory).filter((name) => name.startsWith('asset.'));
  const filesBy = (runtime: string) =>
    folders.map((name) => fs.readdirSync(path.join(directory, name))).find((files) => files.includes(runtime));
  expect(filesBy('streamer-router.js')).toEqual([
    'index.js',
    'index.js.map',
    'streamer-remote.js',
    'streamer-router.js',
  ]);
  expect(filesBy('streamer-isolated.js')).toEqual(['index.js', 'index.js.map', 'streamer-isolated.js']);
  expect(filesBy('streamer-processor.js')).not.toContain('streamer-remote.js');
});

test('a warning of esbuild becomes a warning of the function', () => {
  const files = { ...HANDLERS, 'handlers/report.ts': 'export default { run: async () => ({ a: 1, a: 2 }) };' };
  const { stack } = build({ auth, projectRoot: makeProject(files), handlers }, {});
  Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('handlers/report.ts:1: Duplicate key "a"'));
});

describe('validation of inputs', () => {
  const warning = Match.stringLikeRegexp('The input of `archive` is not validated');

  test('synthesis warns about an async handler without a schema', () => {
    const { stack } = build({
      auth,
      projectRoot: makeProject(),
      handlers: { archive: StreamerHandler.async('handlers/archive.ts') },
    });
    Annotations.fromStack(stack).hasWarning('/Test/Streamer', warning);
  });

  test('a schema next to the handler, or a configured one, silences the warning', () => {
    const archive = StreamerHandler.async('handlers/archive.ts', { schema: 'handlers/report.schema.ts' });
    const { stack } = build({ auth, projectRoot: makeProject(), handlers: { ...handlers, archive } });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });
});
