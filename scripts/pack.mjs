// Packs the construct and the client into dist/packages, as npm would publish them. Requires the output of `npx projen compile`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, 'dist/packages');

function pack(...options) {
  const args = ['pack', '--silent', '--pack-destination', out, ...options];
  execFileSync('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
pack();
pack('--workspace', 'cdk-streamer-client');

const files = readdirSync(out).sort();
for (const file of files) {
  const kilobytes = Math.round(statSync(join(out, file)).size / 1024);
  console.log(`${relative(process.cwd(), join(out, file))}  ${kilobytes} KB`);
}
console.log('\nA new app that has them:');
console.log('  npx cdk-streamer init ../shop');
console.log('In an app that exists:');
console.log(`  npm install ${files.map((file) => join(out, file)).join(' ')}`);
