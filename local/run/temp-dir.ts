import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

/** The temporary folder of a run. It is removed when the run or the process ends. */
export class TempDir {
  public readonly root: string;

  private readonly onExit = () => this.remove();

  /**
   * @param parent folder in which the temporary folder is created. By default it is the system's folder for temporary
   * files.
   */
  public constructor(parent = tmpdir()) {
    this.root = mkdtempSync(path.join(parent, 'cdk-streamer-'));
    process.once('exit', this.onExit);
  }

  /** Returns the path of a folder in the temporary folder. The folder is created if it does not exist. */
  public folder(name: string): string {
    const folder = path.join(this.root, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  public remove(): void {
    process.removeListener('exit', this.onExit);
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}
