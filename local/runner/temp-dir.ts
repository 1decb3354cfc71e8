import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

/** A folder of the run's own, removed at its end. */
export class TempDir {
  public readonly root = mkdtempSync(path.join(tmpdir(), 'cdk-streamer-'));

  /** A new or existing folder below the root. */
  public folder(name: string): string {
    const folder = path.join(this.root, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  public remove(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}
