// `npm run test:simulation`: runs the simulations with fixed seeds, as each push does. Variables: STREAMER_SEED, the first seed;
// STREAMER_SIMULATION_RUNS, the number of seeds of a simulation; STREAMER_PROCESSES, the number of processes that share them.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Runs the simulations in several processes, each with a part of the seeds. The program is bundled, because a bundle is faster than the same code in
 * jest.
 *
 * @returns the exit code of each process
 */
export async function simulate({ seed, runs, processes }) {
  const folder = mkdtempSync(join(tmpdir(), 'streamer-simulation-'));
  try {
    const outfile = join(folder, 'simulate.js');
    const entry = join(root, 'test/lambda-src/flows/simulation/simulate.ts');
    await build({ entryPoints: [entry], bundle: true, platform: 'node', outfile, logLevel: 'error' });
    const share = Math.ceil(runs / processes);
    const firstSeeds = Array.from({ length: processes }, (_, n) => (seed + n * share) % 2 ** 32);
    return await Promise.all(
      firstSeeds.map((first) =>
        // At the end of a simulation, most of its objects are garbage. With a large nursery, V8 does not collect them in between.
        node(['--max-semi-space-size=32', outfile], { STREAMER_SEED: first, STREAMER_SIMULATION_RUNS: share }),
      ),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs a program with Node. Resolves to its exit code. */
export function node(args, env) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const {
    STREAMER_SEED: seed = '1',
    STREAMER_SIMULATION_RUNS: runs = '5000',
    STREAMER_PROCESSES: processes = String(availableParallelism()),
  } = process.env;
  const codes = await simulate({ seed: Number(seed), runs: Number(runs), processes: Number(processes) });
  process.exitCode = codes.some((code) => code !== 0) ? 1 : 0;
}
