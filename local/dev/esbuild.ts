import { createRequire } from 'node:module';
import * as path from 'node:path';

/** The part of esbuild's interface that this folder uses. */
export interface Esbuild {
  context(options: BuildOptions): Promise<BuildContext>;
  build(options: BuildOptions): Promise<BuildOutput>;
  formatMessages(messages: Message[], options: { kind: 'error' | 'warning'; color: boolean }): Promise<string[]>;
  /** Ends the process of esbuild and all contexts. A running build never settles. */
  stop(): Promise<void>;
}

export type BuildOptions = Readonly<Record<string, unknown>>;

export interface BuildContext {
  /** Builds again, without reading or parsing unchanged files. It rejects with a {@link BuildFailure}. */
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
 * Finds esbuild: first in the user's project, where a synthesis uses it, too; then in the working directory; then the
 * copy that npm installed with this package.
 *
 * @param from folders in which to look, in this order
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
