import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** Waits for its parent's end, which closes its stdin, and removes the folders that it was given. */
const REMOVE_AT_END = 'cat >/dev/null; rm -rf -- "$@"';

/** Temporary folders that go with the run; with the process, however that dies. */
export class Scratch {
  public readonly dir = mkdtempSync(join(tmpdir(), 'cdk-streamer-test-'));
  private readonly folders: readonly string[];
  private readonly release: () => void;

  /** @param others folders that are removed, too */
  public constructor(others: readonly string[]) {
    this.folders = [this.dir, ...others];
    this.release = guard(this.folders);
  }

  public remove(): void {
    for (const folder of this.folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    this.release();
  }
}

/** A test runner may be killed, and some give tests a `process` whose `exit` never fires: another process does it. */
function guard(folders: readonly string[]): () => void {
  if (process.platform === 'win32') return () => undefined;
  const child = spawn('sh', ['-c', REMOVE_AT_END, 'sh', ...folders], {
    // Ctrl-C ends the group of the test runner
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
