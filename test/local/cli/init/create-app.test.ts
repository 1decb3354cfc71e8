import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp, type NewApp } from '../../../../local/cli/init/create-app';
import { recommendedFlags } from '../../../../local/cli/init/feature-flags';
import { findOwnPackages } from '../../../../local/cli/init/own-packages';
import { ROOT } from '../support';

const template = join(ROOT, 'templates/app');
let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'create-app-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

const create = (folder: string, options: Partial<NewApp> = {}) =>
  createApp({ folder, template, own: { kind: 'registry', version: '1.2.3' }, ...options });
const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

test('a new folder gets the whole application, with its own name and this version', () => {
  const folder = join(parent, 'My App!');
  const files = create(folder);

  expect(files).toEqual(expect.arrayContaining(['.gitignore', 'app.ts', 'handlers/greet.ts', 'test/app.test.ts']));
  expect(files.every((file) => existsSync(join(folder, file)))).toBe(true);
  expect(files).not.toContain('gitignore');
  const { name, dependencies, devDependencies } = readJson(join(folder, 'package.json'));
  expect({ name, client: dependencies['cdk-streamer-client'], construct: devDependencies['cdk-streamer'] }).toEqual({
    ...{ name: 'my-app', client: '^1.2.3', construct: '^1.2.3' },
  });
});

test('an empty folder, or a new repository, is accepted', () => {
  mkdirSync(join(parent, 'repository/.git'), { recursive: true });

  expect(create(join(parent, 'repository'))).not.toContainEqual(expect.stringContaining('.git/'));
});

test('a folder that is not empty is refused, and nothing is written', () => {
  writeFileSync(join(parent, 'mine.txt'), '');

  expect(() => create(parent)).toThrow(`the folder must be empty or new, got: ${parent} (it contains mine.txt)`);
  expect(existsSync(join(parent, 'package.json'))).toBe(false);
});

test('a folder without letters has the template’s name', () => {
  create(join(parent, '---'));

  expect(readJson(join(parent, '---/package.json')).name).toBe('streamer-app');
});

test('the template asks for the versions that this repository is tested with', () => {
  const manifest = readJson(join(template, 'package.json'));
  const { devDependencies, peerDependencies, engines } = readJson(join(ROOT, 'package.json'));
  const asked = { ...manifest.dependencies, ...manifest.devDependencies };
  for (const name of ['aws-cdk', 'esbuild', 'tsx', 'typescript', 'valibot', '@types/node']) {
    expect({ name, range: asked[name] }).toEqual({ name, range: devDependencies[name] });
  }
  for (const [name, range] of Object.entries(peerDependencies)) expect(asked[name]).toBe(range);
  expect(manifest.engines.node.replace(' ', '')).toBe(engines.node.replace(' ', ''));
});

describe('with packages on disk', () => {
  const packed = (folder: string, ...names: string[]) => {
    mkdirSync(folder, { recursive: true });
    for (const name of names) writeFileSync(join(folder, name), name);
    return folder;
  };
  const BOTH = ['cdk-streamer-0.0.0.tgz', 'cdk-streamer-client-0.0.0.tgz'];

  test('the application contains copies of the packages, and depends on them instead of the registry', () => {
    const own = findOwnPackages(parent, '1.2.3', packed(join(parent, 'packed'), ...BOTH));
    const files = create(join(parent, 'app'), { own });

    expect(files).toEqual(expect.arrayContaining(BOTH.map((name) => `packages/${name}`)));
    const { dependencies, devDependencies } = readJson(join(parent, 'app/package.json'));
    expect(dependencies['cdk-streamer-client']).toBe('file:packages/cdk-streamer-client-0.0.0.tgz');
    expect(devDependencies['cdk-streamer']).toBe('file:packages/cdk-streamer-0.0.0.tgz');
    expect(readFileSync(join(parent, 'app', 'packages', BOTH[0]), 'utf8')).toBe(BOTH[0]);
  });

  test('a build of the sources uses the packages that were packed next to it', () => {
    packed(join(parent, 'dist/packages'), ...BOTH);

    expect(findOwnPackages(parent, '0.0.0')).toEqual({
      kind: 'files',
      files: [
        { name: 'cdk-streamer', file: join(parent, 'dist/packages', BOTH[0]) },
        { name: 'cdk-streamer-client', file: join(parent, 'dist/packages', BOTH[1]) },
      ],
    });
  });

  test('a build of the sources without packages reports how to create them', () => {
    expect(() => findOwnPackages(parent, '0.0.0')).toThrow('run `npm run pack` in its repository');
  });

  test.each([
    [[], 'no package'],
    [['cdk-streamer-client-0.0.0.tgz'], 'no package'],
    [[...BOTH, 'cdk-streamer-0.0.1.tgz'], '2 packages'],
  ])('a folder with %j is refused', (names, what) => {
    const folder = packed(join(parent, 'packed'), ...names);

    expect(() => findOwnPackages(parent, '1.2.3', folder)).toThrow(
      `--packages must name a folder with one package cdk-streamer-<version>.tgz, got: ${what} in ${folder}`,
    );
  });
});

describe('cdk.json', () => {
  const INSTALLED = readJson(join(ROOT, 'node_modules/aws-cdk-lib/recommended-feature-flags.json'));
  const CDK_INIT = join(ROOT, 'node_modules/aws-cdk/lib/init-templates/app/typescript');

  test('the template has the feature flags that the installed CDK recommends', () => {
    expect(readJson(join(template, 'cdk.json')).context).toEqual(INSTALLED);
  });

  test('cdk.json has the flags of a newer CDK that is installed next to the command line', () => {
    const lib = join(parent, 'node_modules/aws-cdk-lib');
    mkdirSync(lib, { recursive: true });
    writeFileSync(join(lib, 'recommended-feature-flags.json'), '{"@aws-cdk/core:new": true}');
    create(join(parent, 'app'), { flags: recommendedFlags(parent) });

    const { context, app } = readJson(join(parent, 'app/cdk.json'));
    expect({ context, app }).toEqual({ context: { '@aws-cdk/core:new': true }, app: 'npx tsx app.ts' });
  });

  test('without a CDK next to the command line, cdk.json has the flags of the template', () => {
    expect(recommendedFlags(parent)).toBeUndefined();
    create(join(parent, 'app'));
    expect(readJson(join(parent, 'app/cdk.json')).context).toEqual(INSTALLED);
  });

  test('cdk.json and .gitignore have the patterns of `cdk init`', () => {
    const { watch } = readJson(join(CDK_INIT, 'cdk.template.json'));
    const made = readJson(join(template, 'cdk.json')).watch;
    expect(made.include).toEqual(watch.include);
    expect(watch.exclude.filter((name: string) => name !== 'yarn.lock')).toEqual(made.exclude);
    const ignored = readFileSync(join(template, 'gitignore'), 'utf8');
    for (const name of ['node_modules', '.cdk.staging', 'cdk.out']) expect(ignored).toContain(name);
  });

  test('the application has the scripts of `cdk init` that are useful here', () => {
    const { scripts } = readJson(join(template, 'package.json'));
    expect(scripts).toMatchObject({ build: 'tsc', cdk: 'cdk' });
  });
});
