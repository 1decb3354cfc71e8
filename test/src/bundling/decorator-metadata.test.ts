import * as fs from 'node:fs';
import * as path from 'node:path';
import { makeProject } from '../support/project';
import { type BundleRequest, bundleHandler, runBundle } from '../support/run-bundle';

/** An entity and a service as libraries use them that read TypeScript's metadata of decorated classes. */
const FILES = {
  'package.json': '{}',
  'tsconfig.base.json': '{ "compilerOptions": { "emitDecoratorMetadata": true, "experimentalDecorators": true } }',
  'tsconfig.json':
    '{ "extends": "./tsconfig.base.json", "compilerOptions": { "target": "es2022", "lib": ["es2022"], "types": [], "strict": true } }',
  'node_modules/tiny-metadata/package.json': '{ "name": "tiny-metadata", "main": "index.js" }',
  'node_modules/tiny-metadata/index.js': `const notes = [];
Reflect.metadata = (key, value) => (target, name) => { notes.push([key, name ?? target.name, [].concat(value).map((each) => each.name).join()]); };
exports.notes = notes;
exports.Column = () => () => undefined;`,
  'handlers/address.ts': 'export class Address {}\nexport interface Unknown { a: number }\nexport type Name = string;',
  'handlers/job.ts': `import { Column, notes } from 'tiny-metadata';
import { Address, type Name, type Unknown } from './address';
import text from './note.txt';
class Customer {
  @Column() name!: Name;
  @Column() address!: Address;
  @Column() unknown!: Unknown;
}
export default { run: async () => [text, new Customer() instanceof Customer, ...notes] };`,
  'handlers/note.txt': 'a file next to the source',
  'handlers/job.schema.ts':
    "export const input = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } };",
  'node_modules/tiny-metadata/index.d.ts':
    'export declare const notes: unknown[]; export declare function Column(): PropertyDecorator;',
};

function project(files: Readonly<Record<string, string>> = {}, ...below: string[]): string {
  const root = makeProject({ ...FILES, ...files }, ...below);
  fs.symlinkSync(path.dirname(require.resolve('typescript/package.json')), path.join(root, 'node_modules/typescript'));
  return root;
}

const bundle = (projectRoot: string, bundling?: BundleRequest['bundling']) => bundleHandler({ projectRoot, bundling });

test('synthesis warns about decorators if the project emits their metadata, and names the option that helps', () => {
  const made = bundle(project());
  expect(made.warnings.join('\n')).toContain(
    'handlers/job.ts has decorators, and tsconfig.json sets `emitDecoratorMetadata`, which esbuild ignores: code that reads the metadata fails at run time. Let TypeScript compile the modules: `bundling: { preCompilation: true }`',
  );
  expect(runBundle(made)).toEqual(['a file next to the source', true]);
});

test('with preCompilation, TypeScript emits the metadata', () => {
  const made = bundle(project(), { preCompilation: true });
  expect(made.warnings.filter((text) => text.includes('decorators'))).toEqual([]);
  expect(runBundle(made)).toEqual([
    'a file next to the source',
    true,
    ['design:type', 'name', 'String'],
    ['design:type', 'address', 'Address'],
    ['design:type', 'unknown', 'Object'],
  ]);
});

test('source maps refer to the sources, and the hash is the same in checkouts at different paths', () => {
  const [near, far] = [project(), project({}, 'a', 'b')].map((root) => bundle(root, { preCompilation: true }));
  const { sources } = JSON.parse(fs.readFileSync(path.join(near.folder, 'index.js.map'), 'utf8'));
  expect(sources).toContain('handlers/address.ts');
  expect(sources).toContain('handlers/job.ts');
  expect(far.hash).toBe(near.hash);
});

test('there is no warning without decorators, or if the tsconfig does not enable the metadata', () => {
  const plain = { 'handlers/job.ts': "// @see x\nexport default { run: async () => 'a@b.example' };" };
  const off = {
    'tsconfig.json': '{ "extends": "./tsconfig.base.json", "compilerOptions": { "emitDecoratorMetadata": false } }',
  };
  for (const files of [plain, off]) {
    expect(bundle(project(files)).warnings.filter((text) => text.includes('decorators'))).toEqual([]);
  }
});

test('a syntax error is reported with its position', () => {
  const broken = { 'handlers/address.ts': 'export class Address {' };
  expect(() => bundle(project(broken), { preCompilation: true })).toThrow(/could not be bundled[\s\S]*'}' expected/);
});

test('if the project has no TypeScript, the error names the package to install', () => {
  const root = makeProject(FILES);
  expect(() => bundle(root, { preCompilation: true })).toThrow(
    /`preCompilation` needs the package typescript with a version below 7 in .*found none\. Install it: npm install --save-dev typescript/,
  );
});
