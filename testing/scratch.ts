import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** Shell script that waits until its parent ends, which closes its stdin, and then removes the given folders. */
const REMOVE_AT_END = 'cat >/dev/null; rm -rf -- "$@"';

/** Temporary folders that are removed with the run, or with the process, however the process ends. */
export class Scratch {
  public readonly dir = mkdtempSync(join(tmpdir(), 'cdk-streamer-test-'));
  private readonly folders: readonly string[];
  private readonly release: () => void;

  /** @param others folders that are removed as well */
  public constructor(others: readonly string[]) {
    this.folders = [this.dir, ...others];
    this.release = guard(this.folders);
  }

  public remove(): void {
    for (const folder of this.folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    this.release();
  }
}

/**
 * Removes the folders from another process: a test runner may be killed, and some give tests a `process` whose `exit` event never fires.
 */
function guard(folders: readonly string[]): () => void {
  if (process.platform === 'win32') return () => undefined;
  const child = spawn('sh', ['-c', REMOVE_AT_END, 'sh', ...folders], {
    // Ctrl-C ends the process group of the test runner
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => undefined);
  child.unref();
  const stdin = child.stdin as Writable & { unref?: () => void } & Partial<Readable>;
  stdin.on('error', () => undefined);
  stdin.unref?.();
  return () => stdin.end();
}
