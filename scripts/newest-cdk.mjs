// Synthesizes apps of this package, as compiled into lib/, with the newest aws-cdk-lib 2.x, which checks every template against CloudFormation's
// own rules. Whatever it finds, and whatever it deprecates of what we use, fails. The packages come from npm's registry into a temporary folder.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const PACKAGES = ['aws-cdk-lib@2', 'constructs@10'];

/** A stand-in for a project that has this package and the newest CDK installed. */
function createProject(folder) {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const options = ['--no-audit', '--no-fund', '--no-save', '--ignore-scripts', '--loglevel=error'];
  execFileSync('npm', ['install', ...options, ...PACKAGES], { cwd: folder, stdio: 'inherit' });
  const installed = join(folder, 'node_modules', 'cdk-streamer');
  for (const part of ['lib', 'package.json']) cpSync(join(root, part), join(installed, part), { recursive: true });
  cpSync(join(root, 'integ-tests', 'handlers'), join(folder, 'handlers'), { recursive: true });
  cpSync(join(root, 'scripts', 'newest-cdk', 'apps.mjs'), join(folder, 'apps.mjs'));
}

const versionOf = (folder, name) =>
  JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;

function main() {
  if (!existsSync(join(root, 'lib', 'index.js'))) throw new Error('lib/index.js is missing: run `npx projen compile`');
  const folder = mkdtempSync(join(tmpdir(), 'streamer-newest-cdk-'));
  try {
    createProject(folder);
    console.log(`aws-cdk-lib ${versionOf(folder, 'aws-cdk-lib')}, constructs ${versionOf(folder, 'constructs')}`);
    // from the root, where esbuild is; the packages are found from the app's own folder
    execFileSync(process.execPath, [join(folder, 'apps.mjs'), folder], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, JSII_DEPRECATED: 'fail' },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main();
