import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BundleMetadata, METADATA } from '../../src/contract';
import type { BuildOptions } from './esbuild';

/** Specification of a function's bundle. */
export interface BundleSpec extends BundleMetadata {
  /** All options of esbuild. */
  readonly build: BuildOptions;
}

/** A function whose code the local run can bundle again. */
export interface BundledFunction {
  readonly functionName: string;
  /** Name of the function in log lines. */
  readonly name: string;
  /** Folder of the function's code at the start. */
  readonly codeDir: string;
  readonly spec: BundleSpec;
}

/**
 * Reads the metadata of a bundle.
 *
 * @returns undefined if there is no metadata
 * @throws Error if the format is not supported
 */
export function readBundleSpec(metadata: unknown): BundleSpec | undefined {
  if (metadata === undefined || metadata === null) return undefined;
  const { build, besides = [], assets = [], preCompilation = false } = metadata as Partial<BundleSpec>;
  const understood =
    typeof build === 'object' &&
    build !== null &&
    isAbsolute(build.absWorkingDir) &&
    isAbsolute(build.outfile) &&
    Array.isArray(besides) &&
    besides.every(isAbsolute) &&
    Array.isArray(assets) &&
    assets.every(({ from, to }) => isAbsolute(from) && typeof to === 'string');
  if (!understood) throw new Error(`its metadata ${METADATA.bundle} is of another version of cdk-streamer`);
  return { build, besides, assets, preCompilation };
}

/** Reads the metadata of a bundle. It also returns undefined for metadata of another version of the package. */
export function findBundleSpec(metadata: unknown): BundleSpec | undefined {
  try {
    return readBundleSpec(metadata);
  } catch {
    return undefined;
  }
}

/**
 * Changes a specification for a debugger. The bundle gets a source map with paths relative to the root. The bundle is
 * not minified, so variables keep their names.
 */
export function debuggable({ build, ...rest }: BundleSpec): BundleSpec {
  const sourceRoot = pathToFileURL(path.join(path.dirname(String(build.outfile)), path.sep)).href;
  return { ...rest, build: { ...build, minify: false, sourcemap: 'linked', sourcesContent: true, sourceRoot } };
}

function isAbsolute(value: unknown): value is string {
  return typeof value === 'string' && path.isAbsolute(value);
}
