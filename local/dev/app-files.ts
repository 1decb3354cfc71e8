import { existsSync } from 'node:fs';
import * as path from 'node:path';
import type { Esbuild } from './esbuild';

/** The files that a synthesis reads, as far as Streamer can find them. */
export interface AppFiles {
  readonly folders: readonly string[];
  has(file: string): boolean;
}

const SCRIPT = /\.[mc]?[jt]sx?$/;
/** Source files of apps in other languages than TypeScript and JavaScript. */
const OTHER_SOURCE = /\.(py|java|cs|go|kt|fs)$/;
const SETTINGS = ['cdk.json', 'cdk.context.json'];

/**
 * Whether a path is in `node_modules`. The app's command may contain such a path. The file at this path is ignored,
 * because an installation may replace it while `dev` runs.
 */
export const isInPackage = (file: string): boolean => /[\\/]node_modules([\\/]|$)/.test(file);

/**
 * Finds the app's files. The app's command contains the path of a script; the files are this script and the files that
 * it imports. A synthesis does not report the files that it loads, and whole folders would include tests and pages. For
 * an app in another language, the function finds the files of that language next to the app's entry.
 *
 * @param command command that runs the app; absent if the run has an existing assembly
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
    // The synthesis succeeded, so the app has no error. The app's loader accepts code that esbuild does not.
    return [];
  }
}
