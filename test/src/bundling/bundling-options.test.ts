import * as fs from 'node:fs';
import * as path from 'node:path';
import { Charset, type ICommandHooks, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs';
import { buildSync } from 'esbuild';
import { StreamerHandler } from '../../../src';
import { auth, build } from '../support/apps';
import { makeProject } from '../support/project';
import { type BundledHandler, type BundleRequest, bundleHandler, runBundle } from '../support/run-bundle';

type Files = Readonly<Record<string, string>>;

const SCHEMA = `export const input = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } };`;

/** Creates a project with the given handler module and further files. */
const project = (job: string, files: Files = {}, ...below: string[]): string =>
  makeProject({ 'package.json': '{}', 'handlers/job.ts': job, 'handlers/job.schema.ts': SCHEMA, ...files }, ...below);

const handler = (expression: string, imports = ''): string =>
  `${imports}\nexport default { run: async () => (${expression}) };`;

const bundle = (job: string, files: Files = {}, request: Partial<BundleRequest> = {}): BundledHandler =>
  bundleHandler({ projectRoot: project(job, files), ...request });

const run = (...args: Parameters<typeof bundle>): unknown => runBundle(bundle(...args));

const read = ({ folder }: BundledHandler, name: string): string => fs.readFileSync(path.join(folder, name), 'utf8');

describe('names', () => {
  const job = handler(
    '[new OrderNotFound().name, Customer.name, total.name, new Customer().constructor.name]',
    `class OrderNotFound extends Error { name = this.constructor.name }
class Customer {}
function total() {}`,
  );

  test('names of classes and functions are kept', () => {
    expect(run(job)).toEqual(['OrderNotFound', 'Customer', 'total', 'Customer']);
  });

  test('names are shortened if the user requests it', () => {
    expect(run(job, {}, { bundling: { keepNames: false } })).not.toContain('Customer');
  });
});

describe('source maps', () => {
  const job = handler('fail()', "function fail() { throw new Error('broken'); }");

  test("source maps are next to the bundle, which refers to them, and name sources relative to the project's root", () => {
    const made = bundle(job);
    const map = JSON.parse(read(made, 'index.js.map'));
    expect(map.sources).toContain('handlers/job.ts');
    expect(map.sources).toContain('streamer-entry.js');
    expect(map.sourcesContent ?? null).toBeNull();
    expect(read(made, 'index.js').trimEnd().endsWith('//# sourceMappingURL=index.js.map')).toBe(true);
  });

  test('source maps are the same in checkouts at different paths, and so is the hash', () => {
    const hashes = [['x'], ['a', 'b', 'c']].flatMap((below) =>
      [undefined, { minify: false, sourcesContent: true, metafile: true }, { sourceMapMode: SourceMapMode.INLINE }].map(
        (bundling) => bundleHandler({ projectRoot: project(job, {}, ...below), bundling }).hash,
      ),
    );
    expect(hashes.slice(0, 3)).toEqual(hashes.slice(3));
    expect(new Set(hashes).size).toBe(3);
  });

  test.each([
    ['none', { sourceMap: false }, false, false],
    ['one that the bundle does not refer to', { sourceMapMode: SourceMapMode.EXTERNAL }, true, false],
    ['one in the bundle', { sourceMapMode: SourceMapMode.INLINE }, false, true],
    ['both', { sourceMapMode: SourceMapMode.BOTH }, true, true],
  ])('source maps: %s', (_, bundling, file, inline) => {
    const made = bundle(job, {}, { bundling });
    expect(made.files.includes('index.js.map')).toBe(file);
    expect(read(made, 'index.js').includes('sourceMappingURL=data:')).toBe(inline);
    expect(read(made, 'index.js').includes('sourceMappingURL=index')).toBe(false);
  });

  test('source maps contain the sources if the user requests it', () => {
    const { sourcesContent } = JSON.parse(
      read(bundle(job, {}, { bundling: { sourcesContent: true } }), 'index.js.map'),
    );
    expect(sourcesContent).toContain(job);
  });
});

describe('formats', () => {
  const PLACE = handler(
    "[__dirname, import.meta.dirname, path.dirname(__filename), path.dirname(import.meta.filename), import.meta.url, typeof require('node:fs').readFileSync]",
    "import * as path from 'node:path'; declare const require: any;",
  );

  test.each([OutputFormat.CJS, OutputFormat.ESM])('%s: a module can read its own path in all ways', (format) => {
    const made = bundle(PLACE, {}, { bundling: { format } });
    const file = made.files.find((name) => /^index\.m?js$/.test(name)) as string;
    expect(runBundle(made)).toEqual([...Array(4).fill(made.folder), `file://${made.folder}/${file}`, 'function']);
  });

  test.each([
    OutputFormat.CJS,
    OutputFormat.ESM,
  ])('%s: modules may define `require` and `__dirname` themselves', (format) => {
    const imports = `import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
const require = createRequire(import.meta.url);
const __dirname = dirname(fileURLToPath(import.meta.url));`;
    const job = handler("[typeof require('node:os').EOL, __dirname.length > 0]", imports);
    for (const minify of [true, false]) {
      expect(run(job, {}, { bundling: { format, minify } })).toEqual(['string', true]);
    }
  });

  test('top-level await needs ESM, and the error explains this', () => {
    const job = handler('value', 'const value = await Promise.resolve(42);');
    expect(() => bundle(job)).toThrow(/bundling: \{ format: OutputFormat\.ESM \}/);
    expect(run(job, {}, { bundling: { format: OutputFormat.ESM } })).toBe(42);
  });

  test.each([
    OutputFormat.CJS,
    OutputFormat.ESM,
  ])('%s: a schema module with await at its top level is refused by name', (format) => {
    const files = { 'handlers/job.schema.ts': 'export const input = await Promise.resolve({});' };
    expect(() => bundle(handler('1'), files, { bundling: { format } })).toThrow(
      /`handlers\.job[^`]*` must name a module without top-level await, got: '.*job\.schema\.ts'\. A schema module cannot use top-level await/,
    );
  });

  test('an ESM bundle can load CommonJS packages with `require`', () => {
    const files = {
      'node_modules/old/package.json': '{ "name": "old" }',
      'node_modules/old/index.js': "module.exports = require('node:path').sep;",
    };
    const job = handler('sep', "import sep from 'old';");
    expect(run(job, files, { bundling: { format: OutputFormat.ESM } })).toBe(path.sep);
  });
});

describe('files that are imported', () => {
  test.each([
    '.yaml',
    '.yml',
    '.svg',
    '.pem',
    '.txt',
    '.html',
    '.graphql',
    '.sql',
    '.csv',
    '.hbs',
    '.css',
    '.xml',
  ])('%s is imported as a string', (ending) => {
    expect(run(handler('file', `import file from './file${ending}';`), { [`handlers/file${ending}`]: 'a: 1' })).toBe(
      'a: 1',
    );
  });

  test.each(['.jpeg', '.jpg', '.webp', '.pdf', '.wasm', '.woff2', '.gif'])('%s is imported as bytes', (ending) => {
    const job = handler('[file instanceof Uint8Array, file.length]', `import file from './file${ending}';`);
    expect(run(job, { [`handlers/file${ending}`]: 'abc' })).toEqual([true, 3]);
  });

  test('an unknown file extension is refused, and the error names the option that helps', () => {
    const job = handler('file', "import file from './file.glsl';");
    const files = { 'handlers/file.glsl': 'void main() {}' };
    expect(() => bundle(job, files)).toThrow(/bundling: \{ loader: \{ '\.glsl': 'text' \} \}/);
    expect(run(job, files, { bundling: { loader: { '.glsl': 'text' } } })).toBe('void main() {}');
  });

  test('the loader `file` puts a copy next to the bundle', () => {
    const job = handler(
      "fs.readFileSync(__dirname + '/' + file, 'utf8')",
      "import file from './file.glsl'; import * as fs from 'node:fs';",
    );
    const bundling = { loader: { '.glsl': 'file' } };
    expect(run(job, { 'handlers/file.glsl': 'void' }, { bundling })).toBe('void');
  });
});

describe('files next to the handler', () => {
  const job = handler(
    "[fs.readFileSync(path.join(__dirname, 'x.txt'), 'utf8'), fs.readFileSync(new URL('./templates/a.html', import.meta.url), 'utf8')]",
    "import * as fs from 'node:fs'; import * as path from 'node:path';",
  );
  const files = { 'handlers/x.txt': 'text', 'handlers/templates/a.html': '<p>', 'shared/logo.svg': '<svg>' };

  test('files that the handler reads cause a warning that names the option that helps', () => {
    const { warnings } = bundle(job, files);
    expect(warnings.join('\n')).toContain(
      "handlers/job.ts reads handlers/x.txt, which is not in the function: `bundling: { assets: ['handlers/x.txt'] }`",
    );
    expect(warnings.join('\n')).toContain("assets: ['handlers/templates/a.html']");
  });

  test('files next to the handler are found by the same paths in the function', () => {
    const made = bundle(job, files, {
      bundling: { assets: ['handlers/x.txt', 'handlers/templates', 'shared/logo.svg'] },
    });
    expect(runBundle(made)).toEqual(['text', '<p>']);
    expect(made.files).toContain('logo.svg');
    expect(made.warnings.filter((text) => text.includes('reads'))).toEqual([]);
  });

  test('two files with the same path in the function are refused', () => {
    const same = { ...files, 'other/x.txt': 'other' };
    expect(() => bundle(job, same, { bundling: { assets: ['handlers/x.txt', 'other/x.txt'] } })).toThrow(
      /`handlers\.job\.bundling\.assets` must place only one file at each path in the function/,
    );
  });

  test('files that do not exist are refused', () => {
    expect(() => bundle(job, files, { bundling: { assets: ['handlers/y.txt'] } })).toThrow(
      /`handlers\.job\.bundling\.assets` must name files or folders, got: 'handlers\/y\.txt'/,
    );
  });
});

describe('options of esbuild', () => {
  test.each<[string, string, Partial<BundleRequest>['bundling'], unknown]>([
    ['define', handler('STAGE', 'declare const STAGE: string;'), { define: { STAGE: '"prod"' } }, 'prod'],
    ['banner', handler('(globalThis as any).flag'), { banner: 'globalThis.flag = 1;' }, 1],
    ['footer', handler('(globalThis as any).flag'), { footer: 'globalThis.flag = 2;' }, 2],
    ['inject', handler('fetcher()', 'declare const fetcher: any;'), { inject: ['handlers/shim.ts'] }, 'shimmed'],
    [
      'esbuildArgs',
      handler('part', "import part from 'other';"),
      { esbuildArgs: { '--alias:other': './handlers/part' } },
      'part',
    ],
    ['charset', handler("'é'"), { charset: Charset.ASCII }, 'é'],
    ['mainFields', handler('which', "import which from 'dual';"), { mainFields: ['main'] }, 'main'],
    [
      'esbuildArgs with conditions',
      handler('which', "import which from 'conditional';"),
      { esbuildArgs: { '--conditions': 'special' } },
      'special',
    ],
  ])('options of esbuild: %s', (_, job, bundling, expected) => {
    const files = {
      'handlers/shim.ts': "export const fetcher = () => 'shimmed';",
      'handlers/part.ts': "export default 'part';",
      'node_modules/dual/package.json': '{ "name": "dual", "main": "main.js", "module": "module.js" }',
      'node_modules/dual/main.js': "module.exports = 'main';",
      'node_modules/dual/module.js': "export default 'module';",
      'node_modules/conditional/package.json':
        '{ "name": "conditional", "exports": { "special": "./special.js", "default": "./default.js" } }',
      'node_modules/conditional/special.js': "module.exports = 'special';",
      'node_modules/conditional/default.js': "module.exports = 'default';",
    };
    expect(run(job, files, { bundling })).toBe(expected);
  });

  test('if only a tsconfig with another name resolves an import, the error names it', () => {
    const files = {
      'tsconfig.lambda.json': '{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }',
      'lib/tax.ts': 'export const tax = 19;',
    };
    const job = handler('tax', "import { tax } from '@lib/tax';");
    expect(() => bundle(job, files)).toThrow(/bundling: \{ tsconfig: 'tsconfig\.lambda\.json' \}/);
    expect(run(job, files, { bundling: { tsconfig: 'tsconfig.lambda.json' } })).toBe(19);
  });

  test("esbuild's report names sources relative to the project's root", () => {
    const report = JSON.parse(read(bundle(handler('1'), {}, { bundling: { metafile: true } }), 'index.meta.json'));
    expect(Object.keys(report.inputs).sort()).toEqual([
      'handlers/job.schema.ts',
      'handlers/job.ts',
      'streamer-entry.js',
    ]);
    expect(Object.keys(report.outputs)).toEqual(['index.js']);
  });

  test("options of the API apply to each handler in addition to the handler's options", () => {
    const job = handler('[A, B]', 'declare const A: string, B: string;');
    const api = { bundling: { define: { A: '"api"', B: '"api"' } } };
    expect(run(job, {}, { api, bundling: { define: { B: '"own"' } } })).toEqual(['api', 'own']);
  });

  test('a local run receives all options of esbuild, and builds the same bytes', () => {
    const request = {
      projectRoot: project(handler('STAGE', 'declare const STAGE: string;')),
      bundling: { format: OutputFormat.ESM, define: { STAGE: '"prod"' }, footer: '// end' },
    };
    const job = StreamerHandler.async('handlers/job.ts', { bundling: request.bundling });
    const { app, api } = build(
      { auth, projectRoot: request.projectRoot, handlers: { job } },
      { 'cdk-streamer:dev': true },
    );
    app.synth();
    const resource = api.handler('job').function.node.defaultChild as never as {
      getMetadata(key: string): { build: object };
    };
    const options = JSON.parse(JSON.stringify(resource.getMetadata('cdk-streamer:bundle').build));
    const [{ contents }] = buildSync({ ...options, write: false }).outputFiles ?? [];
    expect(Buffer.from(contents).toString()).toBe(read(bundleHandler(request), 'index.mjs'));
  });
});

describe('commands', () => {
  const hooks = (
    commands: Partial<Record<keyof ICommandHooks, (input: string, output: string) => string[]>>,
  ): ICommandHooks => ({
    beforeBundling: () => [],
    beforeInstall: () => [],
    afterBundling: () => [],
    ...commands,
  });

  test('commands run before and after bundling, and get the folders of the project and of the code', () => {
    const commandHooks = hooks({
      beforeBundling: (input) => [`echo "export default 'generated'" > ${input}/handlers/made.ts`],
      afterBundling: (input, output) => [
        `cp ${input}/package.json ${output}/copied.json`,
        `test -f ${output}/index.js`,
      ],
    });
    const made = bundle(handler('made', "import made from './made';"), {}, { bundling: { commandHooks } });
    expect(runBundle(made)).toBe('generated');
    expect(made.files).toContain('copied.json');
  });

  test("synthesis fails if a command fails, and the error contains the command's output", () => {
    const commandHooks = hooks({ afterBundling: () => ['echo no licence >&2; exit 3'] });
    expect(() => bundle(handler('1'), {}, { bundling: { commandHooks } })).toThrow(
      /`bundling\.commandHooks\.afterBundling` must return commands that succeed, got: .* \(status 3\)\. no licence/,
    );
  });
});
