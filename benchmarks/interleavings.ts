import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Benchmark } from './lib/results';

/** Number of seeds of a property with a full share, unless `--runs` sets it. */
const RUNS = 20_000;

/**
 * Runs the simulation of the functions, which takes their steps in random orders with faults, and counts the simulations that violate a guarantee.
 *
 * Options: `--seed` sets the first seed, which is random otherwise; `--runs` sets the number of seeds; `--processes` sets the number of processes, which is the number
 * of cores otherwise.
 *
 * @throws Error if a process failed without a violation, for example because faults were too rare
 */
export const interleavings: Benchmark = async (report, args = []) => {
  const { seed, runs, processes } = optionsOf(args);
  report(
    `${processes} processes. To repeat this run: npm run bench -- interleavings --seed ${seed} --runs ${runs} --processes ${processes}`,
  );
  const { simulate } = await import('../scripts/simulate.mjs');
  const results = await simulate({ seed, runs, processes });
  const sum = (of: (result: (typeof results)[number]) => number) =>
    results.reduce((total, each) => total + of(each), 0);
  const violations = sum((result) => result.violations);
  if (violations === 0 && results.some(({ code }) => code !== 0))
    throw new Error('a simulation failed, see its output');
  const figures = { runs: sum(({ simulations }) => simulations), violations, seed, processes };
  return { versions: { node: process.versions.node }, figures };
};

/** @throws Error if an option is unknown or is not a positive integer */
export function optionsOf(args: readonly string[]): { seed: number; runs: number; processes: number } {
  const type = 'string' as const;
  const { values } = parseArgs({ args: [...args], options: { seed: { type }, runs: { type }, processes: { type } } });
  return {
    seed: numberOf('seed', values.seed) ?? randomInt(1, 2 ** 32),
    runs: numberOf('runs', values.runs) ?? RUNS,
    processes: numberOf('processes', values.processes) ?? availableParallelism(),
  };
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new Error(`--${name} must be a positive integer, got: ${text}`);
  return Number(text);
}
