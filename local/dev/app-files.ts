import { existsSync } from 'node:fs';
import * as path from 'node:path';
import type { Esbuild } from './esbuild';

/** The files that a synthesis reads, as far as they can be known. */
export interface AppFiles {
  readonly folders: readonly string[];
  has(file: string): boolean;
}

const SCRIPT = /\.[mc]?[jt]sx?$/;
/** Files that apps in other languages begin with. */
const OTHER_SOURCE = /\.(py|java|cs|go|kt|fs)$/;
const SETTINGS = ['cdk.json', 'cdk.context.json'];

/** Whether a path leads into `node_modules`, where a program that the command names may be, and which an installation replaces while dev runs. */
export const isInPackage = (file: string): boolean => /[\\/]node_modules([\\/]|$)/.test(file);

/**
 * Finds them by the imports of the script that the app's command names, because running the app does not report what it loads, and
 * whole folders would contain tests and pages, too. For an app in another language, these are the files of that language next to its
 * entry.
 *
 * @param command runs the app; absent where an assembly is run
 */
export async function findAppFiles(command: string | undefined, cwd: string, esbuild: Esbuild): Promise<AppFiles> {
  const settings = SETTINGS.map((name) => path.join(cwd, name));
  const entries = (command ?? '')
    .split(/[\s"']+/)
    .map((word) => path.resolve(cwd, word))
    .filter((file) => (SCRIPT.test(file) || OTHER_SOURCE.test(file)) && !isInPackage(file) && existsSync(file));
  const scripts = entries.filter((file) => SCRIPT.test(file));
  const graph = scripts.length === 0 ? [] : await importsOf(scripts, cwd, esbuild);
  const files = new Set([...settings, ...entries, ...graph]);
  const siblings = entries.filter((file) => OTHER_SOURCE.test(file));
  return {
    folders: [...new Set([...files].map((file) => path.dirname(file)))],
    has: (file) => files.has(file) || siblings.some((entry) => isSibling(file, entry)),
  };
}

function isSibling(file: string, entry: string): boolean {
  return path.dirname(file) === path.dirname(entry) && path.extname(file) === path.extname(entry);
}

async function importsOf(entryPoints: string[], cwd: string, esbuild: Esbuild): Promise<string[]> {
  try {
    const { metafile } = await esbuild.build({
      entryPoints,
      absWorkingDir: cwd,
      outdir: path.join(cwd, '.streamer'),
      bundle: true,
      packages: 'external',
      platform: 'node',
      write: false,
      metafile: true,
      logLevel: 'silent',
    });
    return Object.keys(metafile.inputs).map((name) => path.resolve(cwd, name));
  } catch {
    // it was synthesized, so it is no error of the app's: its loader understands more than esbuild does
    return [];
  }
}
