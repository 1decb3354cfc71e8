import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildOptions } from './esbuild';

/** Metadata by which a synthesized function says how its bundle is built, if it was synthesized for `dev`. */
export const BUNDLE_METADATA = 'cdk-streamer:bundle';

/** Context key that makes a synthesis add it. */
export const DEV_CONTEXT = 'cdk-streamer:dev';

/** How a function's bundle is built. */
export interface BundleSpec {
  /** esbuild's own options, complete. */
  readonly build: BuildOptions;
  /** Absolute paths of files that lie beside the bundle. */
  readonly besides: readonly string[];
  /** Absolute paths of the user's files and folders, with their paths in the function. */
  readonly assets: readonly { readonly from: string; readonly to: string }[];
  /** Whether TypeScript compiles the project's modules first. */
  readonly preCompilation: boolean;
}

/** A function whose code can be bundled again. */
export interface BundledFunction {
  readonly functionName: string;
  /** How the log calls it. */
  readonly name: string;
  /** The folder of the code that it began with. */
  readonly codeDir: string;
  readonly spec: BundleSpec;
}

/**
 * Reads the metadata; undefined where there is none.
 *
 * @throws Error when it is not understood
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
  if (!understood) throw new Error(`its metadata ${BUNDLE_METADATA} is of another version of cdk-streamer`);
  return { build, besides, assets, preCompilation };
}

/**
 * The same bundle for a debugger: with a source map next to it, whose sources are relative to the root, and without minification, so that variables keep their
 * names.
 */
export function debuggable({ build, ...rest }: BundleSpec): BundleSpec {
  const sourceRoot = pathToFileURL(path.join(path.dirname(String(build.outfile)), path.sep)).href;
  return { ...rest, build: { ...build, minify: false, sourcemap: 'linked', sourcesContent: true, sourceRoot } };
}

function isAbsolute(value: unknown): value is string {
  return typeof value === 'string' && path.isAbsolute(value);
}
