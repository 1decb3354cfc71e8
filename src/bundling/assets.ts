import * as fs from 'node:fs';
import * as path from 'node:path';
import { reject } from '../validation/errors';
import { resolveExisting } from './project';

/** A file or folder of the user and its path in the function. */
export interface PlacedAsset {
  readonly from: string;
  readonly to: string;
}

/**
 * Paths of asset files in the function: a file below the folder of a handler's module keeps its path relative to that folder, any other gets its base name.
 *
 * @param handlerFiles modules of the handlers in the bundle
 */
export function placeAssets(
  prop: string,
  projectRoot: string,
  assets: readonly string[],
  handlerFiles: readonly string[],
): PlacedAsset[] {
  const folders = handlerFiles.map((file) => path.dirname(file));
  const placed = assets.map((asset) => {
    const from = resolveExisting(prop, projectRoot, asset);
    return { from, to: placeOf(from, folders) };
  });
  const taken = new Map<string, string>();
  for (const { from, to } of placed) {
    const other = taken.get(to);
    if (other !== undefined && other !== from) {
      reject(prop, `have one file for each place in the function, which ${other} takes as ${to}`, from, RENAME);
    }
    if (RESERVED.test(to)) reject(prop, 'have names that the bundle does not take', to, RENAME);
    taken.set(to, from);
  }
  return placed;
}

const RENAME = 'Give it another name, or put it into a folder and name the folder';
const RESERVED = /^(index\.m?js(\.map)?|streamer-[a-z]+\.js|heartbeat\.js|node_modules)$/;

function placeOf(file: string, folders: readonly string[]): string {
  const relatives = folders.map((folder) => path.relative(folder, file)).filter((name) => isBelow(name));
  // the nearest handler's
  const [nearest = path.basename(file)] = relatives.sort((a, b) => a.length - b.length);
  return nearest;
}

const isBelow = (relative: string): boolean =>
  relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);

/** Copies the assets into the folder of a function's code. */
export function copyAssets(assets: readonly PlacedAsset[], folder: string): void {
  for (const { from, to } of assets) {
    fs.cpSync(from, path.join(folder, to), { recursive: true, dereference: true });
  }
}
