// Runs the simulations of test/lambda-src/flows/simulation in several processes. `npm run test:long` and the benchmark `interleavings` use this module.
// `npm run test:simulation` runs it as a program, with fixed seeds. Variables: STREAMER_SEED, the first seed; STREAMER_SIMULATION_RUNS, the number of
// seeds of a simulation; STREAMER_PROCESSES, the number of processes that share them.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const SEEDS = 2 ** 32;

/**
 * Runs the simulations, each process with a part of the seeds. The simulation is bundled, because a bundle is faster than the same code in jest.
 *
 * @param options `seed`: the first seed; `runs`: the number of seeds of a property with a full share; `processes`: the number of processes
 * @returns the exit code of each process, with the number of its simulations and of those that violated a property
 */
export async function simulate({ seed, runs, processes }) {
  const folder = mkdtempSync(join(tmpdir(), 'streamer-simulation-'));
  try {
    const outfile = join(folder, 'simulate.js');
    const entry = join(root, 'test/lambda-src/flows/simulation/simulate.ts');
    await build({ entryPoints: [entry], bundle: true, platform: 'node', outfile, logLevel: 'error' });
    const share = Math.ceil(runs / processes);
    const firstSeeds = Array.from({ length: processes }, (_, n) => (seed + n * share) % SEEDS);
    return await Promise.all(firstSeeds.map((first) => run(outfile, first, share)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(program, seed, runs) {
  const env = { ...process.env, STREAMER_SEED: String(seed), STREAMER_SIMULATION_RUNS: String(runs) };
  // At the end of a simulation, most of its objects are garbage. With a large nursery, V8 does not collect them in between.
  const args = ['--max-semi-space-size=32', program];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  let counts = { simulations: 0, violations: 0 };
  child.on('message', (message) => {
    counts = message;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, ...counts }));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const {
    STREAMER_SEED: seed = '1',
    STREAMER_SIMULATION_RUNS: runs = '5000',
    STREAMER_PROCESSES: processes = String(availableParallelism()),
  } = process.env;
  const results = await simulate({ seed: Number(seed), runs: Number(runs), processes: Number(processes) });
  process.exitCode = results.some(({ code }) => code !== 0) ? 1 : 0;
}
