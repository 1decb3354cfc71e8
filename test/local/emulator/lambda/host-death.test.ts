import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';
import { ended, isAlive } from '../../../support/processes';
import { LambdaBench } from './support';

const bench = new LambdaBench();
let host: ChildProcess | undefined;
afterEach(() => host?.kill('SIGKILL'));
afterAll(() => bench.remove());

/** Starts a host in a separate process. Resolves with the ids of the function's process and of its child process. */
async function startHost(ending: string): Promise<number[]> {
  const folder = bench.code({
    'index.js': `const { spawn } = require('node:child_process');
      exports.handler = async () => [process.pid, spawn('sleep', ['600']).pid];`,
  });
  const stdin = `const { LambdaHost } = require(${JSON.stringify(join(__dirname, '../../../../local/emulator/lambda'))});
    const host = new LambdaHost({ log: () => {}, runtimeClient: ${JSON.stringify(bench.client)} });
    host.register(${JSON.stringify(bench.spec('', { codeDir: folder }))});
    host.invoke('worker', {}).then(({ payload }) => { console.log(JSON.stringify(payload)); ${ending} });`;
  const entry = join(folder, 'host.ts');
  writeFileSync(entry, stdin);
  const outfile = join(folder, 'host.js');
  buildSync({ entryPoints: [entry], bundle: true, platform: 'node', target: 'node20', outfile });
  host = spawn(process.execPath, [outfile], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: host.stdout as NodeJS.ReadableStream });
  return new Promise((resolve) => lines.once('line', (line) => resolve(JSON.parse(line))));
}

test('processes end with a host that exits', async () => {
  const pids = await startHost('setImmediate(() => process.exit(0));');
  await ended(...pids);
});

test('processes end with a host that is killed', async () => {
  const pids = await startHost('');
  expect(pids.map(isAlive)).toEqual([true, true]);
  host?.kill('SIGKILL');
  await ended(...pids);
});
