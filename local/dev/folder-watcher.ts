import { type FSWatcher, watch } from 'node:fs';
import * as path from 'node:path';

export interface FolderWatcherOptions {
  /** Receives the absolute path of a change, or its folder if the system does not report the file. */
  readonly onChange: (changed: string) => void;
  /** Called once, when the system gives no more watches. */
  readonly onRefused: (error: Error) => void;
}

/**
 * Watches folders, not files: an editor that saves by renaming creates a new file of the same name, which a watch of
 * the old one would not notice. A folder that is removed and created again, as by a change of branches, is watched again.
 */
export class FolderWatcher {
  private readonly watchers = new Map<string, FSWatcher>();
  private wanted: ReadonlySet<string> = new Set();
  private refused = false;

  public constructor(private readonly options: FolderWatcherOptions) {}

  /**
   * Watches these folders and no others. A folder that does not exist yet is watched as soon as a watched folder
   * above it reports that it was created.
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
    // a folder that was itself removed or moved reports its own name
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
