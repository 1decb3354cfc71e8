import * as fs from 'node:fs';
import * as path from 'node:path';
import { Lazy, type Stack } from 'aws-cdk-lib';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { StreamerHandler } from '../../../src';
import { findUnbundled } from '../../../src/bundling/packages/checks';
import { refuseWhatIsNoHandler } from '../../../src/bundling/user-modules';
import { build, minimalProps } from '../support/apps';
import { makeProject } from '../support/project';

test('a project root that is known only at deployment is refused', () => {
  const projectRoot = Lazy.string({ produce: () => '/later' });
  expect(() => build({ ...minimalProps(), projectRoot })).toThrow(
    '`projectRoot` must be known when the app is synthesized',
  );
});

describe('an alias of a key', () => {
  const key = (stack: Stack) => Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:123456789012:key/a');

  test.each<[string, (stack: Stack) => Alias | ReturnType<typeof Alias.fromAliasName>]>([
    ['that is imported', (stack) => Alias.fromAliasName(stack, 'Alias', 'alias/app')],
    ['of this app', (stack) => new Alias(stack, 'Alias', { aliasName: 'alias/app', targetKey: key(stack) })],
  ])('%s is refused with the remedy', (_, alias) => {
    expect(() => build((stack) => ({ ...minimalProps(), encryptionKey: alias(stack) }))).toThrow(
      "`encryptionKey` must be a key of KMS itself, got: 'an alias'. Use `Key.fromKeyArn(…)`",
    );
  });

  test('a key that is imported by its ARN is accepted', () => {
    const props = (stack: Stack) => ({ ...minimalProps(), encryptionKey: key(stack) });
    expect(() => build(props, undefined, 'eu-west-1')).not.toThrow();
  });
});

test.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf'])('an action cannot be named %s', (action) => {
  const handlers = { [action]: StreamerHandler.async('handlers/archive.ts') };
  expect(() => build({ ...minimalProps(), handlers })).toThrow(
    `\`handlers\` must have names that no JavaScript object inherits, got: '${action}'`,
  );
});

describe('a CommonJS module', () => {
  const check = (source: string) => {
    const root = makeProject({ 'handlers/job.js': source });
    return () => refuseWhatIsNoHandler(root, { prop: 'handlers.job', file: path.join(root, 'handlers/job.js') });
  };

  test.each([
    'exports.handler = async () => 1;',
    'module.exports.handler = async () => 1;',
    'const handler = async () => 1;\nmodule.exports = { handler };',
    "Object.defineProperty(exports, '__esModule', { value: true });\nexports.handler = async () => 1;",
  ])('a CommonJS module with named exports only is refused: %s', (source) => {
    expect(check(source)).toThrow(
      /`handlers\.job` must name a module with a default export, got: .*\(exports: handler\)/,
    );
  });

  test.each([
    'exports.run = async () => 1;',
    'const run = async () => 1;\nmodule.exports = { handler: 1, run };',
    'const run = async () => 1;\nmodule.exports = { run };',
    'exports.default = { run: async () => 1 };',
    'module.exports = { run: async () => 1 };\nmodule.exports.timeout = 1;',
    'exports = module.exports = make();\nexports.handler = 1;',
  ])('a CommonJS module that may be a handler is not refused: %s', (source) => {
    expect(check(source)).not.toThrow();
  });
});

describe('a read by the working directory', () => {
  const warn = (source: string, ...assets: string[]) => {
    const root = makeProject({ 'handlers/job.ts': source, 'handlers/data/x.txt': '', 'y.txt': '' });
    const found = { modules: [path.join(root, 'handlers/job.ts')] };
    expect(fs.existsSync(found.modules[0])).toBe(true);
    const placed = assets.map((name) => path.join(root, name));
    return findUnbundled(root, found, placed);
  };

  test.each([
    "readFileSync('handlers/data/x.txt')",
    "await readFile('./handlers/data/x.txt', 'utf8')",
    "path.resolve(process.cwd(), 'handlers', 'data/x.txt')",
  ])('synthesis warns about a read relative to the working directory, and names `__dirname`: %s', (source) => {
    const text =
      "handlers/job.ts reads handlers/data/x.txt relative to the working directory, which differs in the function: read it relative to `__dirname` (in ESM `import.meta.dirname`), with `bundling: { assets: ['handlers/data/x.txt'] }`";
    expect(warn(source)).toEqual([text]);
    expect(warn(source, 'handlers/data')).toEqual([text]);
  });

  test('there is no warning for a file that is absent, absolute or an asset at the same path', () => {
    expect(warn("readFileSync('absent.txt'); readFileSync('/etc/hosts'); readFileSync(name)")).toEqual([]);
    expect(warn("readFileSync('y.txt')", 'y.txt')).toEqual([]);
    expect(warn("readFileSync('y.txt')")).toHaveLength(1);
  });
});
