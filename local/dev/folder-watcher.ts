import { type FSWatcher, watch } from 'node:fs';
import * as path from 'node:path';

export interface FolderWatcherOptions {
  /** Called with the absolute path of a change, or with its folder if the system does not report the file. */
  readonly onChange: (changed: string) => void;
  /** Called once when the system refuses to watch more folders. */
  readonly onRefused: (error: Error) => void;
}

/**
 * Watches folders, not files. An editor that saves by renaming creates a new file with the same name, and a watch of
 * the old file would not notice it. If a folder is removed and created again, for example by a change of branches, the
 * watcher watches it again.
 */
export class FolderWatcher {
  private readonly watchers = new Map<string, FSWatcher>();
  private wanted: ReadonlySet<string> = new Set();
  private refused = false;

  public constructor(private readonly options: FolderWatcherOptions) {}

  /**
   * Watches only these folders. A folder that does not exist yet is watched as soon as a watched parent folder reports
   * that it was created.
   *
   * @returns the folders that were not watched before
   */
  public set(folders: ReadonlySet<string>): Set<string> {
    this.wanted = folders;
    for (const folder of this.watchers.keys()) if (!folders.has(folder)) this.close(folder);
    return new Set([...folders].filter((folder) => this.open(folder)));
  }

  public closeAll(): void {
    this.set(new Set());
  }

  private open(folder: string): boolean {
    if (this.watchers.has(folder)) return false;
    try {
      const watcher = watch(folder, (_event, name) => this.onEvent(folder, name));
      watcher.on('error', () => this.close(folder));
      this.watchers.set(folder, watcher);
      return true;
    } catch (error) {
      this.onFailure(error as NodeJS.ErrnoException);
      return false;
    }
  }

  private onFailure(error: NodeJS.ErrnoException): void {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || this.refused) return;
    this.refused = true;
    this.options.onRefused(error);
  }

  private onEvent(folder: string, name: string | null): void {
    // a folder that was removed or moved reports its own name
    const changed = name === null ? folder : path.join(folder, name);
    for (const other of this.wanted) {
      if (other !== changed && !other.startsWith(changed + path.sep)) continue;
      this.close(other);
      this.open(other);
    }
    this.options.onChange(changed);
  }

  private close(folder: string): void {
    this.watchers.get(folder)?.close();
    this.watchers.delete(folder);
  }
}
