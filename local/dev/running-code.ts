import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { LambdaHost } from '../emulator/lambda';
import type { Clock, Timer } from '../emulator/types';
import { type Files, sameFiles } from './bundle';
import type { BundledFunction } from './bundle-spec';
import type { CodeFolders } from './code-folders';
import type { SourceMaps } from './source-maps';

export interface RunningCodeDependencies {
  readonly host: Pick<LambdaHost, 'environments' | 'replaceCode'>;
  readonly maps: SourceMaps;
  readonly folders: CodeFolders;
  readonly clock: Clock;
}

/**
 * Time in milliseconds without saves. After this time, a map is created even if no error needs it yet. By then, the new
 * code has started.
 */
const QUIET_MS = 2000;

/** The code that a function runs: first the synthesized code, then the latest bundled code. */
export class RunningCode {
  private folder: string;
  private files: Files | undefined;
  private timer: Timer;
  private stopWaiting: () => void = () => undefined;

  public constructor(
    private readonly fn: BundledFunction,
    private readonly deps: RunningCodeDependencies,
  ) {
    this.folder = fn.codeDir;
    const built = new Promise<undefined>((resolve) => {
      this.stopWaiting = () => resolve(undefined);
    });
    // errors that occur before the end of the first build wait for the map of that build
    deps.maps.add(this.folder, { ...this.place(), load: () => built });
  }

  public get name(): string {
    return this.fn.name;
  }

  /**
   * Sets the code of later invocations, unless it has the same bytes as the current code.
   *
   * @param loadMap creates the source map of these files
   * @returns whether the code is different
   */
  public replace(files: Files, loadMap: () => Promise<string | undefined>): boolean {
    const { functionName, spec } = this.fn;
    const same = sameFiles(files, this.files ?? { get: (name) => read(path.join(this.folder, name)) });
    if (!same) {
      this.folder = this.deps.folders.write(functionName, files, spec.besides, this.fn.codeDir);
      this.deps.host.replaceCode(functionName, this.folder);
      this.prune();
    }
    this.files = files;
    this.map(loadMap);
    this.stopWaiting();
    return !same;
  }

  /** Keeps the current code. */
  public keep(): void {
    this.stopWaiting();
  }

  public close(): void {
    this.deps.clock.clearTimeout(this.timer);
  }

  /**
   * Registers the source map. It is replaced even if the code is the same, because a longer comment in a source changes
   * its line numbers.
   */
  private map(load: () => Promise<string | undefined>): void {
    const { folder } = this;
    const { maps, clock } = this.deps;
    maps.add(folder, { ...this.place(), load });
    clock.clearTimeout(this.timer);
    this.timer = clock.setTimeout(() => void maps.prepare(folder), QUIET_MS);
  }

  private place() {
    const { absWorkingDir, outfile, stdin } = this.fn.spec.build;
    const entry = path.resolve(String(absWorkingDir), entryName(stdin));
    return { base: path.dirname(String(outfile)), entry };
  }

  /** Removes unused folders. A running invocation may still load files of the code with which it started. */
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
