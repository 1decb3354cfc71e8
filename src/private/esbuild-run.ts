import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Entry } from './entry';
import { StreamerValidationError } from './errors';
import { type EsbuildResult, findEsbuild, withSparseCollection } from './esbuild';
import { OPTIONS, resolution } from './esbuild-options';

export interface BuildResult {
  /** Code by the entry's name. */
  readonly outputs: ReadonlyMap<string, Uint8Array>;
  /** Each with its place. */
  readonly warnings: readonly string[];
}

/**
 * Bundles several entries in one run of esbuild, which links each of them by itself: the bytes are those of a run of its own.
 *
 * The entries lie in a temporary folder while it runs; nothing is written into the user's project.
 */
export function buildTogether(projectRoot: string, entries: ReadonlyMap<string, Entry>): BuildResult {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-streamer-'));
  try {
    const names = [...entries.keys()];
    const files = names.map((_, index) => path.join(folder, `${index}.js`));
    const outdir = path.join(folder, 'out');
    for (const [index, name] of names.entries()) fs.writeFileSync(files[index], absolute(entries.get(name) as Entry));
    const { warnings } = build(projectRoot, { entryPoints: files, outdir, outbase: folder });
    const outputs = names.map((name, index) => [name, fs.readFileSync(path.join(outdir, `${index}.js`))] as const);
    return { outputs: new Map(outputs), warnings: warnings.map(withPlace) };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const absolute = (entry: Entry): string => entry((file) => file);

function build(projectRoot: string, more: Record<string, unknown>): EsbuildResult {
  return bundlingErrors(() =>
    findEsbuild(projectRoot).buildSync({ ...OPTIONS, ...resolution(), absWorkingDir: projectRoot, ...more }),
  );
}

function withPlace({ text, location }: EsbuildResult['warnings'][number]): string {
  return location ? `${location.file}:${location.line}: ${text}` : text;
}

/** Names that a module exports, found without running it or reading its packages. A CommonJS module counts as `default`. */
export function exportsOf(projectRoot: string, file: string): string[] {
  const result = bundlingErrors(() =>
    findEsbuild(projectRoot).buildSync({
      entryPoints: [file],
      absWorkingDir: projectRoot,
      outfile: path.join(projectRoot, '.streamer', 'exports.js'),
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      loader: OPTIONS.loader,
      write: false,
      metafile: true,
      logLevel: 'silent',
    }),
  );
  return Object.values(result.metafile?.outputs ?? {}).flatMap((output) => output.exports);
}

function bundlingErrors<T>(action: () => T): T {
  try {
    return withSparseCollection(action);
  } catch (error) {
    if (error instanceof StreamerValidationError) throw error;
    throw new StreamerValidationError(`A handler could not be bundled. ${(error as Error).message}`, { cause: error });
  }
}
