import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The result of a benchmark, as in `results/<name>.json`. */
export interface Result {
  /** Versions of the measured packages. */
  readonly versions: Readonly<Record<string, string>>;
  readonly figures: Readonly<Record<string, number>>;
}

/**
 * One benchmark.
 *
 * @param report called with each step, for display
 * @param only parts to measure, for a benchmark with parts; all parts if it is empty or omitted
 */
export type Benchmark = (report: (line: string) => void, only?: readonly string[]) => Promise<Result>;

/** A benchmark, or a part of one, by its figures. */
export interface Description {
  readonly load: () => Promise<Benchmark>;
  /** Descriptions of the figures with their limits, by name or suffix. */
  readonly figures: Readonly<Record<string, string>>;
}

const FOLDER = join(__dirname, '..', 'results');

/** The committed result, or undefined if there is none yet. */
export function readResult(name: string): Result | undefined {
  const file = resultFile(name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Result) : undefined;
}

/** @returns path of the file */
export function writeResult(name: string, { versions, figures }: Result): string {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(resultFile(name), `${JSON.stringify({ versions, figures }, undefined, 2)}\n`);
  return resultFile(name);
}

function resultFile(name: string): string {
  return join(FOLDER, `${name}.json`);
}
