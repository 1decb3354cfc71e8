import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

/** Folders with rebuilt code. A folder is written once and never changed. */
export class CodeFolders {
  private count = 0;
  private readonly byFunction = new Map<string, Set<string>>();

  /** @param root a folder that contains only such folders */
  public constructor(private readonly root: string) {}

  /**
   * Writes code to a new folder.
   *
   * @param besides absolute paths of files to copy into the folder
   * @param codeDir folder of the synthesized code. Files that esbuild does not create are copied from there: installed
   * packages and outputs of commands.
   */
  public write(
    functionName: string,
    files: ReadonlyMap<string, Uint8Array>,
    besides: readonly string[],
    codeDir?: string,
  ): string {
    this.count += 1;
    const folder = path.join(this.root, String(this.count));
    mkdirSync(folder, { recursive: true });
    for (const [name, contents] of files) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), contents);
    }
    for (const file of besides) copyFileSync(file, path.join(folder, path.basename(file)));
    if (codeDir !== undefined) takeRest(codeDir, folder);
    const folders = this.byFunction.get(functionName) ?? new Set();
    this.byFunction.set(functionName, folders.add(folder));
    return folder;
  }

  /**
   * Removes the folders of a function that no environment uses any more.
   *
   * @returns the removed folders
   */
  public prune(functionName: string, inUse: readonly string[]): string[] {
    const folders = this.byFunction.get(functionName) ?? new Set();
    const gone = [...folders].filter((folder) => !inUse.includes(folder));
    for (const folder of gone) {
      rmSync(folder, { recursive: true, force: true });
      folders.delete(folder);
    }
    return gone;
  }
}

/** Matches files of the bundle itself. They are built again from the sources. */
const BUNDLE_FILE = /^index\.(m?js(\.map)?|meta\.json)$/;

function takeRest(from: string, to: string): void {
  if (!existsSync(from)) return;
  for (const name of readdirSync(from)) {
    if (BUNDLE_FILE.test(name) || existsSync(path.join(to, name))) continue;
    if (name === 'node_modules') symlinkSync(path.join(from, name), path.join(to, name), 'junction');
    else cpSync(path.join(from, name), path.join(to, name), { recursive: true });
  }
}
