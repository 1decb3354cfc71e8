import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The result of a benchmark, as `results/<name>.json` contains it. */
export interface Result {
  /** Versions of the measured packages. */
  readonly versions: Readonly<Record<string, string>>;
  readonly figures: Readonly<Record<string, number>>;
}

/**
 * Measures one benchmark.
 *
 * @param report called with each step, for display
 * @param only parts to measure, if the benchmark has parts. If it is empty or omitted, all parts are measured
 */
export type Benchmark = (report: (line: string) => void, only?: readonly string[]) => Promise<Result>;

/** Description of a benchmark or of a part of a benchmark. */
export interface Description {
  readonly load: () => Promise<Benchmark>;
  /** Descriptions of the figures, including their limits. A key is the name of a figure, or the end of the name. */
  readonly figures: Readonly<Record<string, string>>;
}

const FOLDER = join(__dirname, '..', 'results');

/** Returns the committed result, or undefined if there is none yet. */
export function readResult(name: string): Result | undefined {
  const file = resultFile(name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Result) : undefined;
}

/** Writes the result to its file. @returns path of the file */
export function writeResult(name: string, { versions, figures }: Result): string {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(resultFile(name), `${JSON.stringify({ versions, figures }, undefined, 2)}\n`);
  return resultFile(name);
}

function resultFile(name: string): string {
  return join(FOLDER, `${name}.json`);
}
