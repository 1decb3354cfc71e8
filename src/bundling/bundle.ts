import * as path from 'node:path';
import type { StreamerBundlingOptions } from '../options/streamer-bundling-options';
import { type PlacedAsset, placeAssets } from './assets';
import { type Entry, relativeTo } from './entry';
import { type BuildSettings, type Runtime, runtimeFile } from './esbuild/options';
import { builtFile } from './package-files';
import { packageOfSpecifier } from './packages/names';

/** Runtime and architecture of a function, as far as its code depends on them. */
export interface FunctionPlatform {
  /** esbuild's target: `node24`. */
  readonly target: string;
  readonly cpu: 'arm64' | 'x64';
}

/** Code of one function that contains the user's modules. */
export interface Bundle {
  /** Name of the bundle, unique within an API. */
  readonly name: string;
  /** The only action in the bundle; undefined for several. */
  readonly action?: string;
  readonly entry: Entry;
  /** Parts of the runtime that the entry imports. */
  readonly runtimes: readonly Runtime[];
  /** Other files of the runtime that are placed next to the bundle. */
  readonly besides?: readonly string[];
  /** Options of the API, merged with those of its handlers. */
  readonly bundling: StreamerBundlingOptions;
  /** Packages that are always installed; other `nodeModules` are installed only if the bundle imports one of them. */
  readonly ownModules: readonly string[];
  /** Modules of the handlers in the bundle. */
  readonly handlerFiles: readonly string[];
  readonly platform: FunctionPlatform;
}

export const settingsOf = ({ bundling, platform }: Bundle): BuildSettings => ({ bundling, target: platform.target });

/** Absolute paths of the runtime files that are placed next to a bundle. */
export function runtimeFilesOf({ runtimes, besides = [] }: Bundle): string[] {
  return [...runtimes.map(runtimeFile), ...besides].map((file) => builtFile('runtime', file));
}

export function assetsOf(projectRoot: string, { action, bundling, handlerFiles }: Bundle): PlacedAsset[] {
  const prop = action === undefined ? 'bundling.assets' : `handlers.${action}.bundling.assets`;
  return placeAssets(prop, projectRoot, bundling.assets ?? [], handlerFiles);
}

/** Packages that must be installed for a bundle, derived from the imports that it does not contain. */
export function modulesToInstall({ bundling, ownModules }: Bundle, externals: readonly string[]): readonly string[] {
  const { nodeModules = [] } = bundling;
  const imported = new Set(externals.map(packageOfSpecifier));
  return nodeModules.some((name) => imported.has(name)) ? nodeModules : ownModules;
}

/** Paths relative to the project's root, so that values derived from them are the same in each checkout. */
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
