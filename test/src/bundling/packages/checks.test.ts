import { OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { packageOf, packageOfSpecifier } from '../../../../src/bundling/packages/names';
import { makeProject } from '../../support/project';
import { type BundleRequest, bundleHandler, runBundle } from '../../support/run-bundle';

type Files = Readonly<Record<string, string>>;

const SCHEMA = `export const input = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } };`;

/** Bundles a handler that returns what a package exports. The parameters contain the package's files. */
const bundle = (name: string, files: Files, bundling?: BundleRequest['bundling']) =>
  bundleHandler({
    bundling,
    projectRoot: makeProject({
      'package.json': '{}',
      'handlers/job.ts': `import * as made from '${name}'; export default { run: async () => (made as any).make() };`,
      'handlers/job.schema.ts': SCHEMA,
      [`node_modules/${name}/package.json`]: `{ "name": "${name}", "main": "index.js" }`,
      ...Object.fromEntries(Object.entries(files).map(([file, text]) => [`node_modules/${name}/${file}`, text])),
    }),
  });

describe('a package that loads an optional driver which is not installed', () => {
  const files = {
    'index.js': `exports.make = (which = 'none') => (which === 'pg' ? require('pg-driver/native') : which === 'my' ? require('@my/driver') : 'built');`,
  };

  test('a package that loads an optional driver that is not installed is refused, and the error names the drivers to leave out', () => {
    expect(() => bundle('sql-builder', files)).toThrow(
      /`sql-builder` loads pg-driver, @my\/driver: this project has not installed them\. Install those that the handler uses, and leave out the others: `bundling: \{ externalModules: \['pg-driver', '@my\/driver'\] \}`/,
    );
  });

  test('a package works without an optional driver that `externalModules` leaves out', () => {
    expect(runBundle(bundle('sql-builder', files, { externalModules: ['pg-driver', '@my/*'] }))).toBe('built');
  });
});

test('native code in a file of a package is refused, and the error names the package to install', () => {
  const files = { 'index.js': "exports.make = () => require('./build/addon.node');", 'build/addon.node': 'ELF' };
  expect(() => bundle('fast-hash', files)).toThrow(
    /`fast-hash` has files that cannot be bundled \(\.node\): install it next to the bundle: `bundling: \{ nodeModules: \['fast-hash'\] \}`/,
  );
});

test('a package that is known not to work in a bundle is refused with the reason', () => {
  expect(() => bundle('sharp', { 'index.js': 'exports.make = () => 1;' })).toThrow(
    /`handlers\.job` must import packages that work in a bundle, got: 'sharp, which has native code'\. Install it next to the bundle: `bundling: \{ nodeModules: \['sharp'\] \}`\. If a layer contains it, use `externalModules`/,
  );
  expect(() =>
    bundle('sharp', { 'index.js': 'exports.make = () => 1;' }, { externalModules: ['sharp'] }),
  ).not.toThrow();
});

describe('a package of which some modules work in a bundle', () => {
  const files = (file: string) => ({ 'index.js': `module.exports = require('./${file}');`, [file]: MADE });
  const only = (name: string, file: string) =>
    bundle(name, { 'package.json': `{ "name": "${name}", "main": "${file}" }`, [file]: MADE });
  const MADE = 'exports.make = () => 42;';

  test.each([
    ['pdfkit', 'js/pdfkit.browser.js'],
    ['pdfkit', 'js/pdfkit.standalone.js'],
    ['tiktoken', 'init.cjs'],
    ['tiktoken', 'lite/init.cjs'],
  ])('%s: %s is bundled', (name, file) => {
    expect(runBundle(only(name, file))).toBe(42);
  });

  test.each([
    ['pdfkit', 'js/pdfkit.js'],
    ['tiktoken', 'tiktoken.cjs'],
    ['tiktoken', 'lite/tiktoken.cjs'],
  ])('%s: %s is refused', (name, file) => {
    expect(() => only(name, file)).toThrow(`'${name}, which reads files next to its code'`);
  });

  test('a package is refused even if only one of its modules reads files', () => {
    expect(() => bundle('pdfkit', files('js/pdfkit.browser.js'))).toThrow("'pdfkit, which reads files");
  });
});

test('synthesis warns about a package that loads native code through another package', () => {
  const manifest = '{ "name": "addon", "main": "index.js", "dependencies": { "node-gyp-build": "4" } }';
  const { warnings } = bundle('addon', { 'index.js': 'exports.make = () => 1;', 'package.json': manifest });
  expect(warnings.join('\n')).toContain(
    "`addon` has native code, which is not in the bundle: if it needs it, `bundling: { nodeModules: ['addon'] }`",
  );
});

test('synthesis warns about a package with a worker or a program next to its code', () => {
  const files = {
    'index.js':
      "const { join } = require('node:path'); exports.make = () => [join(__dirname, 'lib', 'worker.js'), require.resolve('./data.wasm')].length;",
    'lib/worker.js': '',
    'data.wasm': '',
  };
  const { warnings } = bundle('transport', files);
  expect(warnings.join('\n')).toContain('`transport` refers to files next to its code (data.wasm, worker.js)');
});

test('an ESM package with a top-level await is refused in CommonJS, and runs in the format that the error names', () => {
  const files = {
    'package.json': '{ "name": "modern", "type": "module", "exports": "./index.js" }',
    'index.js': 'const value = await 42; export const make = () => value;',
  };
  expect(() => bundle('modern', files)).toThrow(/bundling: \{ format: OutputFormat\.ESM \}/);
  expect(runBundle(bundle('modern', files, { format: OutputFormat.ESM }))).toBe(42);
});

test("a package that imports a WebAssembly file gets the file's bytes", () => {
  // The smallest WebAssembly module consists of a header only.
  const files = {
    'index.js':
      "const wasm = require('./empty.wasm'); exports.make = async () => (await WebAssembly.instantiate(wasm)).instance instanceof WebAssembly.Instance;",
    'empty.wasm': '\0asm\x01\0\0\0',
  };
  expect(runBundle(bundle('wasm-user', files))).toBe(true);
});

test('warnings about files and imports name the package', () => {
  expect(packageOf('a/node_modules/@s/p/lib/x.js')?.name).toBe('@s/p');
  expect(packageOf('a/node_modules/p/node_modules/q/x.js')).toEqual({
    name: 'q',
    folder: 'a/node_modules/p/node_modules/q',
  });
  expect(packageOf('handlers/x.ts')).toBeUndefined();
  expect(['@s/p/x', '@s/p', 'p/x/y', 'p'].map(packageOfSpecifier)).toEqual(['@s/p', '@s/p', 'p', 'p']);
});
