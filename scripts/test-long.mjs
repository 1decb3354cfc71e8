// `npm run test:long`: runs the simulations and the property tests with a random seed, or with the seed of STREAMER_SEED. Further variables:
// STREAMER_SIMULATION_RUNS, the number of seeds of a simulation; STREAMER_EMBEDDED_RUNS, the number of seeds on the embedded store;
// STREAMER_PROCESSES, the number of processes that share the simulations.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { simulate } from './simulate.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const {
  STREAMER_SEED: seed = String(randomInt(2 ** 32)),
  STREAMER_SIMULATION_RUNS: runs = '100000',
  STREAMER_EMBEDDED_RUNS: embeddedRuns = '10000',
  STREAMER_PROCESSES: processes = '1',
} = process.env;

console.log(`To repeat this run: STREAMER_SEED=${seed} STREAMER_SIMULATION_RUNS=${runs} npm run test:long`);
const simulated = await simulate({ seed: Number(seed), runs: Number(runs), processes: Number(processes) });
const codes = [...simulated.map(({ code }) => code), await properties()];
process.exitCode = codes.some((code) => code !== 0) ? 1 : 0;

/** Runs the test suites with properties, and the simulation on the embedded store. */
function properties() {
  const suites = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .filter((file) => /'fast-check'|STREAMER_EMBEDDED_RUNS/.test(readFileSync(join(root, 'test', file), 'utf8')));
  const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--testTimeout=3600000', ...process.argv.slice(2)];
  const env = { STREAMER_SEED: seed, STREAMER_EMBEDDED_RUNS: embeddedRuns };
  return node([...jest, '--runTestsByPath', ...suites.map((file) => join('test', file))], env);
}

function node(args, env) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
