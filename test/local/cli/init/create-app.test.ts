import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../../../local/cli/init/create-app';
import { ROOT } from '../support';

const template = join(ROOT, 'templates/app');
let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'create-app-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

const create = (folder: string) => createApp({ folder, template, version: '1.2.3' });
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

test('an empty folder, or a new repository, is taken', () => {
  mkdirSync(join(parent, 'repository/.git'), { recursive: true });

  expect(create(join(parent, 'repository'))).not.toContainEqual(expect.stringContaining('.git/'));
});

test('a folder that holds something is refused, and nothing is written', () => {
  writeFileSync(join(parent, 'mine.txt'), '');

  expect(() => create(parent)).toThrow(`the folder must be empty or new, got: ${parent} (it holds mine.txt)`);
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
