import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { findLockFile, installationOf } from '../../../../src/bundling/packages/lock-file';
import { makeProject } from '../../support/project';
import { bundleHandler, runBundle } from '../../support/run-bundle';

const SCHEMA = `export const input = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } };`;

/** A package that does not work in a bundle: it reads a file next to its code, and loads a dependency by a computed name. */
const READER = {
  'reader/package.json':
    '{ "name": "reader", "version": "1.2.3", "main": "lib/index.js", "dependencies": { "driver": "file:../driver" } }',
  'reader/lib/index.js': `const { readFileSync } = require('node:fs');
const { join } = require('node:path');
exports.text = () => readFileSync(join(__dirname, 'data.txt'), 'utf8');
exports.drive = (name) => require(name).version;`,
  'reader/lib/data.txt': 'DATA',
  'driver/package.json': '{ "name": "driver", "version": "4.5.6" }',
  'driver/index.js': "exports.version = require('./package.json').version;",
};

const JOB = `import { drive, text } from 'reader';
export default { run: async () => [text(), drive('driver')] };`;

/** Creates a project with installed packages and a lock file. It needs no registry. */
function installed(files: Record<string, string> = {}, below: string[] = []): string {
  const root = makeProject(
    {
      ...READER,
      'app/package.json':
        '{ "name": "app", "version": "1.0.0", "dependencies": { "reader": "file:../reader", "driver": "file:../driver" } }',
      'app/handlers/job.ts': JOB,
      'app/handlers/job.schema.ts': SCHEMA,
      ...files,
    },
    ...below,
  );
  const app = path.join(root, 'app');
  execFileSync('npm', ['install', '--offline', '--install-links', '--no-audit', '--no-fund'], {
    cwd: app,
    stdio: 'pipe',
  });
  return app;
}

describe('nodeModules', () => {
  const projectRoot = installed();

  test('a package that reads files next to its code causes a warning that names the option that helps', () => {
    const { warnings } = bundleHandler({ projectRoot });
    expect(warnings.join('\n')).toContain(
      "`reader` refers to files next to its code (data.txt), which are not in the bundle: if it needs them, `bundling: { nodeModules: ['reader'] }`",
    );
  });

  test.each([
    OutputFormat.CJS,
    OutputFormat.ESM,
  ])('%s: packages are installed together with their dependencies, and they run', (format) => {
    const made = bundleHandler({ projectRoot, bundling: { nodeModules: ['reader'], format } });
    expect(fs.readdirSync(path.join(made.folder, 'node_modules')).sort()).toEqual(['driver', 'reader']);
    expect(made.warnings.filter((text) => text.includes('reader'))).toEqual([]);
    expect(runBundle(made)).toEqual(['DATA', '4.5.6']);
  });

  test('nodeModules give the same hash in checkouts at different paths', () => {
    const far = installed({}, ['a', 'b']);
    const bundling = { nodeModules: ['reader'] };
    expect(bundleHandler({ projectRoot: far, bundling }).hash).toBe(bundleHandler({ projectRoot, bundling }).hash);
  });

  test('nodeModules of the API are installed for a bundle that imports one of them', () => {
    const files = { 'app/handlers/job.ts': 'export default { run: async () => 1 };' };
    const api = { bundling: { nodeModules: ['reader'] } };
    expect(bundleHandler({ projectRoot, api }).files).toContain('node_modules');
    const router = bundleHandler({ projectRoot: installed(files), api });
    const folders = fs.readdirSync(path.dirname(router.folder)).filter((name) => name.startsWith('asset.'));
    const withRouter = folders.map((name) => fs.readdirSync(path.join(path.dirname(router.folder), name)));
    expect(withRouter.find((names) => names.includes('streamer-router.js'))).not.toContain('node_modules');
  });

  test('nodeModules that are not in the lock file are refused', () => {
    expect(() => bundleHandler({ projectRoot, bundling: { nodeModules: ['reader', 'missing'] } })).toThrow(
      /`bundling\.nodeModules` must be in the lock file .*package-lock\.json, got: 'missing'\. Install it: npm install missing/,
    );
  });

  test('nodeModules need a lock file', () => {
    const root = makeProject({
      'package.json': '{}',
      'handlers/job.ts': JOB.replace("'reader'", "'node:fs'"),
      'handlers/job.schema.ts': SCHEMA,
    });
    expect(() => findLockFile(root)).toThrow(/must come with a lock file, which pins their versions/);
  });
});

describe('the lock file of a workspace', () => {
  const lock = {
    lockfileVersion: 3,
    packages: {
      '': { workspaces: ['packages/*'] },
      'node_modules/a': { version: '1.0.0', resolved: 'https://example.com/a.tgz', dev: true },
      'node_modules/b': { version: '1.0.0' },
      'node_modules/shop': { resolved: 'packages/shop', link: true },
      'packages/shop': { version: '0.0.0' },
      'packages/shop/node_modules/a': { version: '2.0.0' },
      'packages/other/node_modules/b': { version: '9.0.0' },
      'node_modules/local': { version: '1.0.0', resolved: 'file:vendor/local.tgz' },
    },
  };
  const root = makeProject({ 'package-lock.json': JSON.stringify(lock), 'packages/shop/package.json': '{}' });
  const shop = path.join(root, 'packages/shop');
  const made = installationOf(shop, findLockFile(shop), ['a', 'b', 'local']);

  test('the lock file of a workspace pins the versions that the package resolves', () => {
    const vendored = `file:${path.join(root, 'vendor/local.tgz')}`;
    expect(made.manifest.dependencies).toEqual({ a: '2.0.0', b: '1.0.0', local: vendored });
    const { packages } = JSON.parse(String(made.lock));
    expect(packages['node_modules/a']).toEqual({ version: '2.0.0' });
    expect(packages['node_modules/local'].resolved).toBe(vendored);
    expect(Object.keys(packages).filter((name) => name.startsWith('packages/'))).toEqual([]);
  });

  test('a lock file of version 1 is refused', () => {
    const old = makeProject({ 'package-lock.json': '{ "lockfileVersion": 1, "dependencies": {} }' });
    expect(() => installationOf(old, findLockFile(old), ['a'])).toThrow(/come with a lock file of version 2 or 3/);
  });
});
