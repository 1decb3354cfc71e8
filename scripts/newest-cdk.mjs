// Synthesizes the apps of test/apps with this package, as compiled into lib/, and the newest aws-cdk-lib 2.x, which checks every template against
// CloudFormation's own rules. Each finding fails, and so does each use of a deprecated name. The packages come from npm's registry into a
// temporary folder.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const PACKAGES = ['aws-cdk-lib@2', 'constructs@10'];

/** Creates a project that has this package and the newest CDK installed. */
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

/** Bundles a module of the tests; its packages are those of the folder that the bundle is in. */
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
    // from the root, where esbuild is; the packages are found from the app's own folder
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
