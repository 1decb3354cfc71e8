// `npm start`: runs the demo in examples/reports on the local run. It builds the page, synthesizes the app, and then runs the app.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const example = join(root, 'examples/reports');
const require = createRequire(import.meta.url);
const tsx = require.resolve('tsx/cli');

console.log('building the page (vite) …');
await run([
  join(dirname(require.resolve('vite/package.json')), 'bin/vite.js'),
  'build',
  join(example, 'web'),
  '--logLevel',
  'warn',
]);

const app = [process.execPath, tsx, '--tsconfig', join(example, 'tsconfig.json'), join(example, 'app.ts')];
const cli = join(root, 'lib/local/cli.js');
const options = ['--app', app.map((part) => JSON.stringify(part)).join(' '), '--pages', join(example, 'web/dist')];
process.exitCode = await run([cli, 'dev', ...options, ...process.argv.slice(2)], { quietSignals: true });

/** Runs a script with Node.js. Ctrl-C is left to the child process, because the child cleans up after itself. */
function run(args, { quietSignals = false } = {}) {
  const child = spawn(process.execPath, args, { stdio: 'inherit', cwd: root });
  const forward = () => undefined;
  if (quietSignals) for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, forward);
  if (quietSignals) process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (quietSignals || code === 0) resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
      else reject(new Error(`${args[0]} ended with ${code ?? signal}`));
    });
  });
}
