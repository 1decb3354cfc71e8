import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

/** A folder of the run's own, removed at its end; with the process, if that ends first. */
export class TempDir {
  public readonly root = mkdtempSync(path.join(tmpdir(), 'cdk-streamer-'));

  private readonly onExit = () => this.remove();

  public constructor() {
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
