// Synthesizes the apps of test/apps with this package, as compiled into lib/, and with the newest aws-cdk-lib 2.x. That library checks every template
// against CloudFormation's own rules. The script fails for each finding, and for each use of a deprecated name. npm installs the packages into a
// temporary folder.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const PACKAGES = ['aws-cdk-lib@2', 'constructs@10'];

/** Creates a project in which this package and the newest CDK are installed. */
async function createProject(folder) {
  const { HANDLERS } = await bundled('test/apps/handlers.ts', join(folder, 'files.cjs'));
  for (const [file, content] of Object.entries(HANDLERS)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  const options = ['--no-audit', '--no-fund', '--no-save', '--ignore-scripts', '--loglevel=error'];
  execFileSync('npm', ['install', ...options, ...PACKAGES], { cwd: folder, stdio: 'inherit' });
  const installed = join(folder, 'node_modules', 'cdk-streamer');
  for (const part of ['lib', 'package.json']) cpSync(join(root, part), join(installed, part), { recursive: true });
}

/** Bundles a module of the tests. The bundle uses the packages of the folder in which it is placed. */
async function bundle(entry, outfile) {
  const packages = ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs', 'cdk-streamer'];
  const options = { bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' };
  await build({ ...options, entryPoints: [join(root, entry)], outfile, external: packages });
}

async function bundled(entry, outfile) {
  await bundle(entry, outfile);
  return (await import(outfile)).default;
}

const versionOf = (folder, name) =>
  JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;

async function main() {
  if (!existsSync(join(root, 'lib', 'index.js'))) throw new Error('lib/index.js is missing: run `npx projen compile`');
  const folder = mkdtempSync(join(tmpdir(), 'streamer-newest-cdk-'));
  try {
    await createProject(folder);
    console.log(`aws-cdk-lib ${versionOf(folder, 'aws-cdk-lib')}, constructs ${versionOf(folder, 'constructs')}`);
    const apps = join(folder, 'apps.cjs');
    await bundle('scripts/newest-cdk/apps.ts', apps);
    // Runs in the root folder, where esbuild is installed. The packages are found from the app's own folder.
    execFileSync(process.execPath, [apps, folder], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, JSII_DEPRECATED: 'fail' },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
