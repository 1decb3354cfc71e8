import { readdirSync, readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import type { BundleSpec } from './bundle-spec';

/** A file of the user that a function has in addition to its bundle. */
export interface AssetFile {
  readonly file: string;
  /** Path of the file in the function's folder. */
  readonly to: string;
  readonly contents: Uint8Array;
}

/** Reads the user's files and folders that a function has in addition to its bundle. Missing files are skipped. */
export function readAssets(assets: BundleSpec['assets']): AssetFile[] {
  return assets.flatMap(({ from, to }) => {
    const stats = statSync(from, { throwIfNoEntry: false });
    if (!stats) return [];
    if (!stats.isDirectory()) return [{ file: from, to, contents: readFileSync(from) }];
    const names = readdirSync(from, { recursive: true, encoding: 'utf8' });
    const files = names.filter((name) => statSync(path.join(from, name), { throwIfNoEntry: false })?.isFile());
    return files.map((name) => ({
      file: path.join(from, name),
      to: path.join(to, name),
      contents: readFileSync(path.join(from, name)),
    }));
  });
}
