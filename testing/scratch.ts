import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/**
 * Shell script that waits for the end of its parent, which closes the script's stdin. Then it removes the given
 * folders.
 */
const REMOVE_AT_END = 'cat >/dev/null; rm -rf -- "$@"';

/** Temporary folders. They are removed when the run ends, or when the process ends in any way. */
export class Scratch {
  public readonly dir = mkdtempSync(join(tmpdir(), 'cdk-streamer-test-'));
  private readonly folders: readonly string[];
  private readonly release: () => void;

  /** @param others other folders to remove */
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
 * Starts a process that removes the folders after this process has ended. This process cannot always do so: a test
 * runner may be killed, and in some test runners the event `exit` of `process` never fires.
 */
function guard(folders: readonly string[]): () => void {
  if (process.platform === 'win32') return () => undefined;
  const child = spawn('sh', ['-c', REMOVE_AT_END, 'sh', ...folders], {
    // Ctrl-C ends the process group of the test runner, so the new process must be in another group
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
