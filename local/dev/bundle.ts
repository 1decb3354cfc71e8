import * as path from 'node:path';
import { compilePlugin } from '../bundling/compile-plugin';
import { readAssets } from './assets';
import type { BundleSpec } from './bundle-spec';
import {
  type BuildContext,
  type BuildOptions,
  type BuildOutput,
  type Esbuild,
  isBuildFailure,
  type Message,
} from './esbuild';

/** Contents of a bundle's files by name. Usually a bundle is a single file. */
export type Files = ReadonlyMap<string, Uint8Array>;

export interface Built {
  readonly files: Files;
  readonly warnings: Message[];
}

export type BuildResult =
  | { readonly ok: true; readonly built: Built }
  | { readonly ok: false; readonly errors: Message[] };

/** A bundle that can be built repeatedly. */
export class Bundle {
  /**
   * Absolute paths of the user's files in the bundle, without those in packages. After a failed build, the paths are
   * those of the last successful build.
   */
  public inputs: ReadonlySet<string> = new Set();
  /** Whether the last build failed. */
  public broken = false;
  /** Folders in which the last build looked for files that do not exist. */
  public missing: readonly string[] = [];
  private readonly context: Promise<BuildContext>;

  public constructor(
    private readonly esbuild: Esbuild,
    private readonly spec: BundleSpec,
  ) {
    this.root = String(spec.build.absWorkingDir);
    this.context = esbuild.context({
      ...optionsOf(spec),
      write: false,
      metafile: true,
      logLevel: 'silent',
    });
    // each build reports the error, so it is ignored here
    this.context.catch(() => undefined);
  }

  /** Folder to which the paths in the build options are relative. */
  public readonly root: string;

  public async build(): Promise<BuildResult> {
    try {
      const output = await (await this.context).rebuild();
      this.broken = false;
      this.missing = [];
      const assets = readAssets(this.spec.assets);
      this.inputs = new Set([...inputsOf(output, this.root), ...assets.map(({ file }) => file)]);
      const { files, warnings } = toBuilt(output);
      const placed = assets.map(({ to, contents }) => [to, contents] as const);
      return { ok: true, built: { files: new Map([...files, ...placed]), warnings } };
    } catch (error) {
      if (!isBuildFailure(error)) throw error;
      this.broken = true;
      this.missing = error.errors.flatMap((message) => missingFolder(message, this.root) ?? []);
      return { ok: false, errors: error.errors.map((message) => inSources(message, this.spec)) };
    }
  }

  /**
   * Creates the source map of a bundle as a JSON string. Returns undefined if the sources have changed since the bundle
   * was built. The map is built separately because it takes several times as long as the bundle. A separate map also
   * keeps the bundle identical to that of a synthesis.
   */
  public async mapOf({ files }: Built): Promise<string | undefined> {
    const beside = [...files].find(([name]) => name.endsWith('.map'));
    if (beside) return Buffer.from(beside[1]).toString('utf8');
    const options = { write: false, sourcemap: 'external', sourcesContent: false, metafile: true, logLevel: 'silent' };
    const { outputFiles, ...rest } = await this.esbuild.build({ ...optionsOf(this.spec), ...options });
    const isMap = (file: { readonly path: string }) => file.path.endsWith('.map');
    const again = toBuilt({ ...rest, outputFiles: outputFiles.filter((file) => !isMap(file)) });
    if (!sameFiles(again.files, files)) return undefined;
    return Buffer.from(outputFiles.find(isMap)?.contents ?? '').toString('utf8');
  }
}

/**
 * Returns the options for esbuild. With `preCompilation`, it adds the plugin that compiles TypeScript, because the
 * metadata in the template cannot contain a plugin.
 */
function optionsOf({ build, preCompilation }: BundleSpec): BuildOptions {
  if (!preCompilation) return build;
  const { absWorkingDir, tsconfig } = build as { absWorkingDir: string; tsconfig?: string };
  return { ...build, plugins: [compilePlugin({ projectRoot: absWorkingDir, tsconfig })] };
}

function toBuilt({ outputFiles, warnings }: BuildOutput): Built {
  return { files: new Map(outputFiles.map((file) => [path.basename(file.path), file.contents])), warnings };
}

/** Whether the other files include all of these files with the same bytes. */
export function sameFiles(files: Files, others: { get(name: string): Uint8Array | undefined }): boolean {
  return [...files].every(([name, contents]) => {
    const other = others.get(name);
    return other !== undefined && Buffer.compare(other, contents) === 0;
  });
}

/**
 * Returns the user's files. Files in packages change when they are installed, not when a file is saved. An entry that
 * is given as a string has no file.
 */
function inputsOf({ metafile }: BuildOutput, root: string): ReadonlySet<string> {
  const names = Object.keys(metafile.inputs).filter((name) => !/(^|[\\/])node_modules[\\/]/.test(name));
  return new Set(names.map((name) => path.resolve(root, name)));
}

/**
 * Replaces an error at the generated entry of a bundle, because the user does not know this entry. The entry imports
 * the user's modules, so the error means that such a module does not exist any more.
 */
function inSources(message: Message, { build }: BundleSpec): Message {
  const { sourcefile } = (build.stdin ?? {}) as { readonly sourcefile?: string };
  const [, module] = /^Could not resolve "([^"]+)"/.exec(message.text) ?? [];
  if (module === undefined || message.location?.file !== sourcefile) return message;
  return { text: `${module.replace(/^\.\//, '')} does not exist: it was moved or deleted`, location: null };
}

function missingFolder({ text, location }: Message, root: string): string | undefined {
  const [, specifier] = /^Could not resolve "(\.{1,2}\/[^"]+)"/.exec(text) ?? [];
  if (specifier === undefined) return undefined;
  return path.dirname(path.resolve(root, path.dirname(location?.file ?? '.'), specifier));
}
