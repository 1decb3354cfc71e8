import { execFileSync } from 'node:child_process';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { read } from '../guards/support/sources';
import { makeProject } from '../src/support/project';
import { type BundledHandler, bundleHandler, runBundle } from '../src/support/run-bundle';
import { REAL_HANDLERS, type RealHandler } from './cases';

const SCHEMA =
  "export const input = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } };";

const architecture = process.arch === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64;

/** A project with the library installed from the registry. */
function install({ packages, source, files, prepare }: RealHandler): string {
  const projectRoot = makeProject({
    'package.json': '{ "name": "app", "private": true }',
    'handlers/job.ts': source,
    'handlers/job.schema.ts': SCHEMA,
    ...files,
  });
  if (packages.length > 0) {
    execFileSync('npm', ['install', '--no-audit', '--no-fund', ...packages], { cwd: projectRoot, stdio: 'pipe' });
  }
  if (prepare) {
    const env = { ...process.env, ...prepare.environment };
    execFileSync('npx', ['--no-install', ...prepare.command], { cwd: projectRoot, stdio: 'pipe', env });
  }
  return projectRoot;
}

const bundle = (projectRoot: string, bundling?: RealHandler['bundling']): BundledHandler =>
  bundleHandler({ projectRoot, bundling, api: { functionDefaults: { architecture } } });

// these tests need the registry and several minutes, so only `npm run test:real-handlers` runs them
if (process.env.STREAMER_REAL_HANDLERS === '1') {
  describe.each(REAL_HANDLERS.map((each) => [each.library, each] as const))('%s', (_, real) => {
    let projectRoot: string;

    beforeAll(() => {
      projectRoot = install(real);
    }, 300_000);

    if (real.refused) {
      test('the handler is refused with the option that helps', () => {
        expect(() => bundle(projectRoot)).toThrow(real.refused);
      });
    }
    if (real.warned) {
      test('the handler causes a warning with the option that helps', () => {
        expect(bundle(projectRoot).warnings.join('\n')).toMatch(real.warned as RegExp);
      });
    }
    test('the handler runs as it would be uploaded', () => {
      expect(runBundle(bundle(projectRoot, real.bundling))).toEqual(real.result);
    }, 300_000);
  });
}

test('the page about bundling has a row for each library', () => {
  const page = read('docs/bundling.md');
  expect(REAL_HANDLERS.filter(({ library }) => !page.includes(`| ${library} |`)).map(({ library }) => library)).toEqual(
    [],
  );
});

test('each library that synthesis refuses or warns of has options with which it runs', () => {
  for (const { refused, warned, bundling } of REAL_HANDLERS) {
    expect(bundling !== undefined).toBe(refused !== undefined || warned !== undefined);
  }
});
