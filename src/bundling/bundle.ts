import * as fs from 'node:fs';
import * as path from 'node:path';
import type { StreamerBundlingOptions } from '../options/streamer-bundling-options';
import { reject } from '../validation/errors';
import { type Entry, relativeTo } from './entry';
import { type BuildSettings, type Runtime, runtimeFile } from './esbuild/options';
import { builtFile } from './package-files';
import { packageOfSpecifier } from './packages/names';
import { resolveExisting } from './project';

/** Runtime and architecture for which a function's code is built. */
export interface FunctionPlatform {
  /** esbuild's target: `node24`. */
  readonly target: string;
  readonly cpu: 'arm64' | 'x64';
}

/** Code of one function that contains the user's modules. */
export interface Bundle {
  /** Name of the bundle, unique within an API. */
  readonly name: string;
  /** Action of the bundle's handler; undefined if the bundle contains several handlers. */
  readonly action?: string;
  readonly entry: Entry;
  /** Parts of the runtime that the entry imports. */
  readonly runtimes: readonly Runtime[];
  /** Other files of the runtime that are placed next to the bundle. */
  readonly besides?: readonly string[];
  /** Options of the API, merged with those of its handlers. */
  readonly bundling: StreamerBundlingOptions;
  /** Packages that are installed even if the bundle imports none of the `nodeModules`. If it imports one of them, all `nodeModules` are installed. */
  readonly ownModules: readonly string[];
  /** Modules of the handlers in the bundle. */
  readonly handlerFiles: readonly string[];
  readonly platform: FunctionPlatform;
}

export const settingsOf = ({ bundling, platform }: Bundle): BuildSettings => ({ bundling, target: platform.target });

/** Returns the absolute paths of the runtime files that are placed next to a bundle. */
export function runtimeFilesOf({ runtimes, besides = [] }: Bundle): string[] {
  return [...runtimes.map(runtimeFile), ...besides].map((file) => builtFile('runtime', file));
}

export function assetsOf(projectRoot: string, { action, bundling, handlerFiles }: Bundle): PlacedAsset[] {
  const prop = action === undefined ? 'bundling.assets' : `handlers.${action}.bundling.assets`;
  return placeAssets(prop, projectRoot, bundling.assets ?? [], handlerFiles);
}

/** Returns the packages that must be installed for a bundle: those that the bundle imports but does not contain. */
export function modulesToInstall({ bundling, ownModules }: Bundle, externals: readonly string[]): readonly string[] {
  const { nodeModules = [] } = bundling;
  const imported = new Set(externals.map(packageOfSpecifier));
  return nodeModules.some((name) => imported.has(name)) ? nodeModules : ownModules;
}

/** Replaces absolute paths by paths relative to the project's root. Values derived from the options are then the same in each checkout. */
export function withRelativePaths(projectRoot: string, options: StreamerBundlingOptions): StreamerBundlingOptions {
  const relative = (file: string) => relativeTo(projectRoot)(path.resolve(projectRoot, file));
  const { tsconfig, inject, assets, ...rest } = options;
  return {
    ...rest,
    ...(tsconfig && { tsconfig: relative(tsconfig) }),
    ...(inject && { inject: inject.map(relative) }),
    ...(assets && { assets: assets.map(relative) }),
  };
}

/** An asset of the user, a file or a folder, and its path in the function. */
interface PlacedAsset {
  readonly from: string;
  readonly to: string;
}

/**
 * Determines the paths of assets in the function. An asset below the folder of a handler's module keeps its path relative to that folder. Any other
 * asset is placed under its base name.
 *
 * @param handlerFiles modules of the handlers in the bundle
 */
function placeAssets(
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
      reject(
        prop,
        `place only one file at each path in the function; ${other} already has the path ${to}`,
        from,
        RENAME,
      );
    }
    if (RESERVED.test(to)) reject(prop, 'have names that the bundle does not use', to, RENAME);
    taken.set(to, from);
  }
  return placed;
}

const RENAME = 'Rename it, or move it into a folder and list the folder instead';
const RESERVED = /^(index\.m?js(\.map)?|streamer-[a-z]+\.js|heartbeat\.js|node_modules)$/;

function placeOf(file: string, folders: readonly string[]): string {
  const relatives = folders.map((folder) => path.relative(folder, file)).filter((name) => isBelow(name));
  // the shortest path is the one relative to the nearest handler
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
