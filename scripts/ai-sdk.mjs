// Runs the transport of cdk-streamer-client/ai with the chats of the AI SDK, versions 5 to 7. npm installs the packages into a temporary folder, so that
// `npm ci` of this repository does not need them.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const VERSIONS = ['5', '6', '7'];
const SDK = join(root, 'client-sdks/typescript/src');

const folder = mkdtempSync(join(tmpdir(), 'streamer-ai-sdk-'));
try {
  const options = [
    '--no-audit',
    '--no-fund',
    '--no-save',
    '--ignore-scripts',
    '--loglevel=error',
    '--legacy-peer-deps',
  ];
  const packages = VERSIONS.map((version) => `ai${version}@npm:ai@${version}`);
  execFileSync('npm', ['install', ...options, '--prefix', folder, ...packages, 'zod@4'], { stdio: 'inherit' });
  for (const version of VERSIONS) {
    const { version: installed } = JSON.parse(
      readFileSync(join(folder, `node_modules/ai${version}/package.json`), 'utf8'),
    );
    console.log(`ai ${installed}`);
  }
  await build({
    absWorkingDir: root,
    entryPoints: ['test/ai-sdk/chats.ts'],
    outfile: join(folder, 'chats.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    external: VERSIONS.map((version) => `ai${version}`),
    alias: { 'cdk-streamer-client/ai': join(SDK, 'ai/index.ts'), 'cdk-streamer-client': join(SDK, 'index.ts') },
    // `ws` uses require
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  execFileSync(process.execPath, ['--test', join(folder, 'chats.mjs')], { stdio: 'inherit' });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
