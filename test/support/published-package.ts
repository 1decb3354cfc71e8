import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';

const ROOT = join(__dirname, '../..');
/** Folders that `npx projen compile:runtime` builds. */
const BUILT = ['runtime', 'lambda', 'local', 'testing', 'templates'];

/**
 * Puts the packages into a project's `node_modules` as npm would: `package.json`, its `exports`, and what they name. The construct is
 * compiled from its sources, because the tests need no jsii; its types are those of the sources.
 */
export function installPackages(project: string): void {
  const modules = join(project, 'node_modules');
  installConstruct(join(modules, 'cdk-streamer'));
  installClient(join(modules, 'cdk-streamer-client'));
}

/** Links packages of this repository, and its executables. */
export function linkPackages(project: string, names: readonly string[]): void {
  for (const name of ['.bin', ...names]) {
    const target = join(project, 'node_modules', name);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), target);
  }
}

function installConstruct(folder: string): void {
  mkdirSync(join(folder, 'lib'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  buildSync({
    entryPoints: sources.filter((file) => file.endsWith('.ts')).map((file) => join(ROOT, 'src', file)),
    outbase: join(ROOT, 'src'),
    outdir: join(folder, 'lib'),
    format: 'cjs',
    platform: 'node',
    target: 'node20',
  });
  for (const name of BUILT) cpSync(join(ROOT, 'lib', name), join(folder, 'lib', name), { recursive: true });
  writeFileSync(join(folder, 'lib/index.d.ts'), `export * from ${JSON.stringify(join(ROOT, 'src/index'))};\n`);
}

/** Installs only the types of the client, because no test that uses this function imports its code. */
function installClient(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const types = join(ROOT, 'client-sdks/typescript/src/index');
  writeFileSync(join(folder, 'index.d.ts'), `export * from ${JSON.stringify(types)};\n`);
  writeFileSync(join(folder, 'index.js'), '');
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'cdk-streamer-client', version: '0.0.0' }));
}
