import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

/** Folders of rebuilt code, each written once. */
export class CodeFolders {
  private count = 0;
  private readonly byFunction = new Map<string, Set<string>>();

  /** @param root a folder for these files only */
  public constructor(private readonly root: string) {}

  /**
   * Writes code into a new folder.
   *
   * @param besides absolute paths of files that are copied into it
   * @param codeDir folder of the synthesized code, from which all files are copied that esbuild does not create: installed packages, outputs of commands
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
   * Removes the folders of a function that nothing runs from anymore.
   *
   * @returns the folders that are gone
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

/** Whether a file belongs to the bundle itself and is therefore built again from the sources. */
const BUNDLE_FILE = /^index\.(m?js(\.map)?|meta\.json)$/;

function takeRest(from: string, to: string): void {
  if (!existsSync(from)) return;
  for (const name of readdirSync(from)) {
    if (BUNDLE_FILE.test(name) || existsSync(path.join(to, name))) continue;
    if (name === 'node_modules') symlinkSync(path.join(from, name), path.join(to, name), 'junction');
    else cpSync(path.join(from, name), path.join(to, name), { recursive: true });
  }
}
