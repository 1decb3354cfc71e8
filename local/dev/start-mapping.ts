import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { METADATA } from '../../src/contract';
import type { LocalRun } from '../run';
import { Bundle, sameFiles } from './bundle';
import { type BundleSpec, findBundleSpec } from './bundle-spec';
import { type Esbuild, findEsbuild } from './esbuild';
import type { SourceMaps } from './source-maps';
import type { Reloading } from './start-reloading';

export interface MappingOptions {
  readonly run: Pick<LocalRun, 'functions'>;
  readonly maps: SourceMaps;
  readonly cwd: string;
}

/**
 * Maps stack traces of bundles to their sources, for functions that are not bundled again. A map is created when a
 * stack trace needs it. The map is used only if a build of the current sources creates the same bundle as the running
 * one.
 */
export function startMapping({ run, maps, cwd }: MappingOptions): Reloading {
  const functions = run.functions.flatMap(({ codeDir, metadata }) => {
    const spec = findBundleSpec(metadata(METADATA.bundle));
    return spec ? [{ codeDir, spec }] : [];
  });
  const roots = functions.map(({ spec }) => String(spec.build.absWorkingDir));
  const esbuild = functions.length === 0 ? undefined : findEsbuild([...new Set([...roots, cwd, __dirname])]);
  if (esbuild) for (const { codeDir, spec } of functions) addMap(maps, esbuild, codeDir, spec);
  return {
    ready: Promise.resolve(),
    appSynthesized: () => undefined,
    close: async () => esbuild?.stop(),
  };
}

function addMap(maps: SourceMaps, esbuild: Esbuild, codeDir: string, spec: BundleSpec): void {
  const { absWorkingDir, outfile, stdin } = spec.build;
  const { sourcefile = '<stdin>' } = (stdin ?? {}) as { readonly sourcefile?: string };
  maps.add(codeDir, {
    base: path.dirname(String(outfile)),
    entry: path.resolve(String(absWorkingDir), sourcefile),
    load: async () => {
      const bundle = new Bundle(esbuild, spec);
      const result = await bundle.build();
      const same = result.ok && sameFiles(result.built.files, { get: (name) => read(path.join(codeDir, name)) });
      return same ? bundle.mapOf(result.built) : undefined;
    },
  });
}

function read(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
