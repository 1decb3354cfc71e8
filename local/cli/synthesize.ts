import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as path from 'node:path';

export interface SynthesizeOptions {
  /** Shell command that synthesizes the app. */
  readonly command: string;
  readonly cwd: string;
  readonly outDir: string;
  readonly context: Readonly<Record<string, unknown>>;
  /** Signal to end the app. */
  readonly signal: AbortSignal;
}

/**
 * Runs an app so that it writes its cloud assembly to a folder. The app's output goes to the terminal.
 *
 * @throws Error if the app fails or writes no assembly
 */
export async function synthesize({ command, cwd, outDir, context, signal }: SynthesizeOptions): Promise<void> {
  const child = spawn(command, {
    shell: true,
    cwd,
    // a separate process group, so that the processes that the shell starts are ended, too
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, CDK_OUTDIR: outDir, CDK_CONTEXT_JSON: JSON.stringify(context) },
  });
  const end = () => killGroup(child);
  signal.addEventListener('abort', end, { once: true });
  process.once('exit', end);
  const problem = await ended(child);
  signal.removeEventListener('abort', end);
  process.removeListener('exit', end);
  if (problem !== undefined) throw new Error(`the app ${problem}: ${command}`);
  if (!existsSync(path.join(outDir, 'manifest.json'))) {
    throw new Error(`the app wrote no cloud assembly to CDK_OUTDIR; does it set \`outdir\` itself? ${command}`);
  }
}

/**
 * Waits for the end of the process.
 *
 * @returns the reason of the failure, or undefined if it succeeded
 */
function ended(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`cannot be started (${error.message})`));
    child.once('exit', (code, killedBy) => {
      if (code === 0) resolve(undefined);
      else resolve(code === null ? `was ended by ${killedBy}` : `failed with exit code ${code}`);
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
