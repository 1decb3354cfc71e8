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

/** A file of the output in esbuild's report. */
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

/** Loads a package by name, looking for it from a folder. */
export type Load = (name: string, from: string) => unknown;

const load: Load = (name, from) => require(require.resolve(name, { paths: [from] }));

/**
 * Finds esbuild: in the user's project, so that its lock file pins the bundles; otherwise in the working directory; otherwise the one that
 * npm installed with this package.
 *
 * @throws StreamerValidationError if there is none
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
 * Settings for the garbage collector of esbuild's process: it does not run below that heap size. esbuild is a Go program with one short
 * run, which spent a third of its time collecting; its own command line disables the collector, too.
 */
const COLLECTOR: { readonly [name: string]: string } = { GOGC: 'off', GOMEMLIMIT: '512MiB' };

/** Runs esbuild with these settings, which its process reads from the environment at its start. Settings of the user take precedence. */
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
