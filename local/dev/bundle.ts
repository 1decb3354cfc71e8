import * as path from 'node:path';
import type { BundleSpec } from './bundle-spec';
import { type BuildContext, type BuildOutput, type Esbuild, isBuildFailure, type Message } from './esbuild';

export interface Built {
  /** By name; the bundle and nothing else, as a rule. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Source map, JSON text. */
  readonly map: string;
  readonly warnings: Message[];
}

export type BuildResult =
  | { readonly ok: true; readonly built: Built }
  | { readonly ok: false; readonly errors: Message[] };

/** One bundle that is built again and again. */
export class Bundle {
  /** The user's files in it, absolute; packages are not among them. After a failure those of the last success. */
  public inputs: ReadonlySet<string> = new Set();
  /** The last build failed. */
  public broken = false;
  /** Folders in which a file that the last build did not find would lie. */
  public missing: readonly string[] = [];
  private readonly context: Promise<BuildContext>;

  public constructor(esbuild: Esbuild, spec: BundleSpec) {
    this.root = String(spec.build.absWorkingDir);
    this.context = esbuild.context({
      ...spec.build,
      write: false,
      metafile: true,
      // beside the bundle, whose bytes stay those of a synthesis
      sourcemap: 'external',
      logLevel: 'silent',
    });
    // who builds is told
    this.context.catch(() => undefined);
  }

  /** What the build's paths are relative to. */
  public readonly root: string;

  public async build(): Promise<BuildResult> {
    try {
      const output = await (await this.context).rebuild();
      this.broken = false;
      this.missing = [];
      this.inputs = inputsOf(output, this.root);
      return { ok: true, built: toBuilt(output) };
    } catch (error) {
      if (!isBuildFailure(error)) throw error;
      this.broken = true;
      this.missing = error.errors.flatMap((message) => missingFolder(message, this.root) ?? []);
      return { ok: false, errors: error.errors };
    }
  }

  public async close(): Promise<void> {
    await (await this.context).dispose();
  }
}

function toBuilt({ outputFiles, warnings }: BuildOutput): Built {
  const files = new Map(outputFiles.map((file) => [path.basename(file.path), file.contents]));
  const [mapName = ''] = [...files.keys()].filter((name) => name.endsWith('.map'));
  const map = Buffer.from(files.get(mapName) ?? '').toString('utf8');
  files.delete(mapName);
  return { files, map, warnings };
}

/** Files of packages change by an installation, not by saving; an entry given as text is no file. */
function inputsOf({ metafile }: BuildOutput, root: string): ReadonlySet<string> {
  const names = Object.keys(metafile.inputs).filter((name) => !/(^|[\\/])node_modules[\\/]/.test(name));
  return new Set(names.map((name) => path.resolve(root, name)));
}

function missingFolder({ text, location }: Message, root: string): string | undefined {
  const [, specifier] = /^Could not resolve "(\.{1,2}\/[^"]+)"/.exec(text) ?? [];
  if (specifier === undefined) return undefined;
  return path.dirname(path.resolve(root, path.dirname(location?.file ?? '.'), specifier));
}
