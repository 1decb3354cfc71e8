import { type ChildProcess, spawn } from 'node:child_process';
import { systemClock, type Timer } from '../types';
import { LineSplitter } from './line-splitter';

export interface ProcessInput {
  readonly path: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly onLine: (line: string, stream: 'stdout' | 'stderr') => void;
  /** Called once with the reason in Lambda's words. */
  readonly onExit: (reason: string) => void;
}

/** A function's process and its child processes. They are one process group, which is ended as a whole. */
export class FunctionProcess {
  private readonly child: ChildProcess;
  private ended = false;
  private thaw: Timer;
  private readonly exited: Promise<void>;

  public constructor(private readonly input: ProcessInput) {
    this.child = spawn(input.path, input.args, {
      cwd: input.cwd,
      env: input.env,
      detached: true,
      // the fourth stream is a pipe: when the host ends, the pipe closes, and the client ends, too
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    this.exited = new Promise((resolve) => this.watch(resolve));
    this.forwardLines('stdout');
    this.forwardLines('stderr');
    this.child.stdio[3]?.on('error', () => undefined);
  }

  public get pid(): number | undefined {
    return this.child.pid;
  }

  /** Ends the process group at once. */
  public kill(): void {
    this.signal('SIGKILL');
  }

  /** Stops the process group for a time in milliseconds. */
  public freeze(ms: number): void {
    this.signal('SIGSTOP');
    systemClock.clearTimeout(this.thaw);
    this.thaw = systemClock.setTimeout(() => this.signal('SIGCONT'), ms);
  }

  /**
   * Asks the process group to end, and kills it after a delay. The delay is in real time, because processes have real
   * clocks.
   */
  public async stop(graceMs: number): Promise<void> {
    if (this.ended) return;
    this.signal('SIGTERM');
    const timer = systemClock.setTimeout(() => this.kill(), graceMs);
    await this.exited;
    systemClock.clearTimeout(timer);
  }

  private watch(resolve: () => void): void {
    const end = (reason: string) => {
      if (this.ended) return;
      this.ended = true;
      systemClock.clearTimeout(this.thaw);
      this.kill();
      resolve();
      this.input.onExit(reason);
    };
    this.child.once('exit', (code, signal) => end(exitReason(code, signal)));
    this.child.once('error', (error) => end(`Couldn't start the process: ${error.message}`));
  }

  private forwardLines(name: 'stdout' | 'stderr'): void {
    const input = this.child[name];
    const lines = new LineSplitter((line) => this.input.onLine(line, name));
    input?.on('data', (chunk: Buffer) => lines.write(chunk));
    input?.on('end', () => lines.end());
  }

  private signal(signal: NodeJS.Signals): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, signal);
    } catch {
      this.child.kill(signal);
    }
  }
}

function exitReason(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal) return `Runtime exited with error: signal: ${signal === 'SIGKILL' ? 'killed' : signal}`;
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
}
