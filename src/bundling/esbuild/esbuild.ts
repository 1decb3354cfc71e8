import { StreamerValidationError } from '../../validation/errors';

/** The part of esbuild's interface that bundling uses. */
export interface Esbuild {
  buildSync(options: Record<string, unknown>): EsbuildResult;
}

export interface EsbuildResult {
  readonly outputFiles: { readonly path: string; readonly contents: Uint8Array }[];
  readonly metafile?: {
    readonly inputs: Record<string, unknown>;
    readonly outputs: Record<string, EsbuildOutput>;
  };
  readonly warnings: EsbuildMessage[];
}

/** An output file, as esbuild reports it. */
export interface EsbuildOutput {
  readonly exports: string[];
  readonly imports: { readonly path: string; readonly external?: boolean }[];
  readonly inputs: Record<string, unknown>;
}

/** An error or a warning. */
export interface EsbuildMessage {
  readonly text: string;
  readonly location: { readonly file: string; readonly line: number } | null;
}

/** Loads the package `name`, and searches for it from the folder `from` upwards. */
export type Load = (name: string, from: string) => unknown;

const load: Load = (name, from) => require(require.resolve(name, { paths: [from] }));

/**
 * Finds esbuild. The search begins in the user's project, so that the project's lock file pins the bundles, and continues in the working directory.
 * Otherwise, the copy of esbuild is used that npm installed with this package.
 *
 * @throws StreamerValidationError if esbuild is not found
 */
export function findEsbuild(projectRoot: string, loadFrom: Load = load): Esbuild {
  for (const from of [projectRoot, process.cwd(), __dirname]) {
    for (const name of ['esbuild', 'esbuild-wasm']) {
      const found = attempt(() => loadFrom(name, from));
      if (found) return found as Esbuild;
    }
  }
  throw new StreamerValidationError(
    `esbuild, which bundles the handlers, was not found from ${projectRoot}. Install it there: npm install --save-dev esbuild (an app in another language needs a package.json first: npm init --yes)`,
  );
}

/**
 * Environment variables that turn off garbage collection in esbuild's process while its heap is smaller than the limit. esbuild is a Go program that
 * runs once and briefly. Without these variables, esbuild spent a third of its time on garbage collection. esbuild's own command line also disables
 * the collector.
 */
const COLLECTOR: { readonly [name: string]: string } = { GOGC: 'off', GOMEMLIMIT: '512MiB' };

/** Runs an action while these variables are in the environment, from which esbuild's process inherits them. Variables of the user take precedence. */
export function withSparseCollection<T>(action: () => T): T {
  const added = Object.keys(COLLECTOR).filter((name) => process.env[name] === undefined);
  for (const name of added) process.env[name] = COLLECTOR[name];
  try {
    return action();
  } finally {
    for (const name of added) delete process.env[name];
  }
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
