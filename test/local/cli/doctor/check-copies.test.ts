import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCopies } from '../../../../local/cli/doctor/check-copies';

const NEEDS = { peerDependencies: { 'aws-cdk-lib': '^2.257.0', constructs: '^10.5.1' } };
let parent: string;
let project: string;

beforeEach(() => {
  parent = realpathSync(mkdtempSync(join(tmpdir(), 'copies-')));
  project = join(parent, 'shop');
  for (const name of ['constructs', 'aws-cdk-lib']) install(project, name);
});
afterEach(() => rmSync(parent, { recursive: true }));

function install(into: string, name: string): string {
  const folder = join(into, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0' }));
  return folder;
}

test('a single copy of each package has no finding', () => {
  install(project, 'cdk-streamer');

  expect(checkCopies(project, NEEDS)).toEqual([]);
});

test('a link to a clone, which has its own packages, is a second copy', () => {
  const clone = join(parent, 'clone');
  for (const name of ['constructs', 'aws-cdk-lib']) install(clone, name);
  writeFileSync(join(clone, 'package.json'), '{"name": "cdk-streamer"}');
  symlinkSync(clone, join(project, 'node_modules/cdk-streamer'));

  expect(checkCopies(project, NEEDS)).toEqual([
    {
      level: 'fail',
      what: 'aws-cdk-lib is installed twice: node_modules/aws-cdk-lib, and ../clone/node_modules/aws-cdk-lib for cdk-streamer; TypeScript then reports TS2345',
      remedy: 'cdk-streamer is a link to a folder: install the package that `npm run pack` creates there instead',
    },
    {
      level: 'fail',
      what: 'constructs is installed twice: node_modules/constructs, and ../clone/node_modules/constructs for cdk-streamer; TypeScript then reports TS2345',
      remedy: 'cdk-streamer is a link to a folder: install the package that `npm run pack` creates there instead',
    },
  ]);
});

test('a nested installation is a second copy, also of the CDK itself', () => {
  install(project, 'cdk-streamer');
  install(join(project, 'node_modules/aws-cdk-lib'), 'constructs');

  expect(checkCopies(project, NEEDS)).toMatchObject([
    {
      what: expect.stringContaining('node_modules/aws-cdk-lib/node_modules/constructs for aws-cdk-lib'),
      remedy: 'npm dedupe, or npm install --save-dev constructs@<the version that aws-cdk-lib has>',
    },
  ]);
});

test('a package that is not installed is not reported', () => {
  expect(checkCopies(join(parent, 'nothing'), NEEDS)).toEqual([]);
});
