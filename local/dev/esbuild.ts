import { createRequire } from 'node:module';
import * as path from 'node:path';

/** The part of esbuild's interface that this folder uses. */
export interface Esbuild {
  context(options: BuildOptions): Promise<BuildContext>;
  build(options: BuildOptions): Promise<BuildOutput>;
  formatMessages(messages: Message[], options: { kind: 'error' | 'warning'; color: boolean }): Promise<string[]>;
  /** Ends esbuild's process and with it each context; a build under way never settles. */
  stop(): Promise<void>;
}

export type BuildOptions = Readonly<Record<string, unknown>>;

export interface BuildContext {
  /** Rejects with a {@link BuildFailure}. Unchanged files are not read or parsed again. */
  rebuild(): Promise<BuildOutput>;
}

export interface BuildOutput {
  readonly outputFiles: readonly { readonly path: string; readonly contents: Uint8Array }[];
  readonly metafile: { readonly inputs: Readonly<Record<string, unknown>> };
  readonly warnings: Message[];
}

export interface BuildFailure {
  readonly errors: Message[];
}

export interface Message {
  readonly text: string;
  readonly location: { readonly file: string; readonly line: number; readonly column: number } | null;
}

/**
 * esbuild of the user's project, the one that bundles at synthesis, too; else of the working directory, else the one
 * that npm installed with this package.
 *
 * @param from folders to look from, in this order
 */
export function findEsbuild(from: readonly string[]): Esbuild | undefined {
  for (const folder of from) {
    const require = createRequire(path.join(folder, 'index.js'));
    for (const name of ['esbuild', 'esbuild-wasm']) {
      const found = attempt(() => require(name) as Esbuild);
      if (found) return found;
    }
  }
  return undefined;
}

export function isBuildFailure(error: unknown): error is BuildFailure {
  return Array.isArray((error as Partial<BuildFailure> | null)?.errors);
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
