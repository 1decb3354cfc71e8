import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { LambdaHost } from '../lambda';
import type { Built } from './bundle';
import type { BundledFunction } from './bundle-spec';
import type { CodeFolders } from './code-folders';
import type { SourceMaps } from './source-maps';

export interface RunningCodeDependencies {
  readonly host: Pick<LambdaHost, 'environments' | 'replaceCode'>;
  readonly maps: SourceMaps;
  readonly folders: CodeFolders;
}

/** The code that a function runs: at first the synthesized, then whatever was bundled since. */
export class RunningCode {
  private folder: string;
  private files: ReadonlyMap<string, Uint8Array> | undefined;

  public constructor(
    private readonly fn: BundledFunction,
    private readonly deps: RunningCodeDependencies,
  ) {
    this.folder = fn.codeDir;
  }

  public get name(): string {
    return this.fn.name;
  }

  /**
   * Gives later invocations the new code; the same bytes replace nothing.
   *
   * @returns whether it is other code
   */
  public replace({ files, map }: Built): boolean {
    const { build, besides } = this.fn.spec;
    const same = this.isRunning(files);
    if (!same) {
      this.folder = this.deps.folders.write(this.fn.functionName, files, besides);
      this.deps.host.replaceCode(this.fn.functionName, this.folder);
      this.prune();
    }
    this.files = files;
    // also for the same bytes: where a comment grew, all below it moved
    this.deps.maps.add(this.folder, {
      map,
      base: path.dirname(String(build.outfile)),
      entry: path.resolve(String(build.absWorkingDir), entryName(build.stdin)),
    });
    return !same;
  }

  private isRunning(files: ReadonlyMap<string, Uint8Array>): boolean {
    return [...files].every(([name, contents]) => {
      const running = this.files ? this.files.get(name) : read(path.join(this.folder, name));
      return running !== undefined && Buffer.compare(running, contents) === 0;
    });
  }

  /** An invocation under way may still load files of the code that it began with. */
  private prune(): void {
    const { functionName } = this.fn;
    const inUse = this.deps.host.environments(functionName).map(({ codeDir }) => codeDir);
    for (const folder of this.deps.folders.prune(functionName, [...inUse, this.folder])) this.deps.maps.remove(folder);
  }
}

function entryName(stdin: unknown): string {
  return String((stdin as { sourcefile?: unknown } | undefined)?.sourcefile ?? '<stdin>');
}

function read(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
