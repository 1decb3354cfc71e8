import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

/** A folder of the run's own, removed at its end; with the process, if that ends first. */
export class TempDir {
  public readonly root: string;

  private readonly onExit = () => this.remove();

  /** @param parent where it is made; the system's place for such by default */
  public constructor(parent = tmpdir()) {
    this.root = mkdtempSync(path.join(parent, 'cdk-streamer-'));
    process.once('exit', this.onExit);
  }

  /** A new or existing folder below the root. */
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
