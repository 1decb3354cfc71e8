import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';

export const ROOT = path.join(__dirname, '../../..');

/** The published command: bundled, in `lib/local` of a separate folder. */
export class PublishedCli {
  public readonly folder = mkdtempSync(path.join(tmpdir(), 'cli-test-'));
  private readonly running: CliProcess[] = [];

  public constructor() {
    bundle(this.folder);
    cpSync(path.join(ROOT, 'templates'), path.join(this.folder, 'lib/templates'), { recursive: true });
    const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as object;
    writeFileSync(path.join(this.folder, 'package.json'), JSON.stringify({ ...manifest, version: '1.2.3' }));
  }

  /**
   * Starts a process of the command.
   *
   * @param stdin content of the standard input
   */
  public run(args: readonly string[], cwd = this.folder, stdin?: string): CliProcess {
    const process = new CliProcess(this.folder, args, cwd, stdin);
    this.running.push(process);
    return process;
  }

  public killAll(): void {
    for (const { child } of this.running.splice(0)) child.kill('SIGKILL');
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

function bundle(folder: string): void {
  const aliases = JSON.parse(
    readFileSync(path.join(ROOT, 'local/emulator/dynamodb/esbuild-alias.json'), 'utf8'),
  ) as object;
  buildSync({
    entryPoints: {
      cli: path.join(ROOT, 'local/cli/main.ts'),
      'runtime-client': path.join(ROOT, 'local/emulator/lambda/runtime-client.ts'),
    },
    outdir: path.join(folder, 'lib/local'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    external: ['bufferutil', 'utf-8-validate'],
    alias: Object.fromEntries(Object.entries(aliases).map(([name, file]) => [name, path.join(ROOT, String(file))])),
  });
}

export class CliProcess {
  public readonly child: ChildProcess;
  /** Lines of stdout and stderr. */
  public readonly lines: string[] = [];
  public readonly stdout: string[] = [];
  public readonly stderr: string[] = [];
  /** Folder for the temporary files of the process, which a test can read. */
  public readonly temp: string;
  public readonly ended: Promise<number | NodeJS.Signals>;
  private readonly checks = new Set<() => void>();

  public constructor(folder: string, args: readonly string[], cwd: string, stdin: string | undefined) {
    this.temp = mkdtempSync(path.join(folder, 'temp-'));
    const env = { ...process.env, TMPDIR: this.temp, NO_COLOR: '1' };
    this.child = spawn(process.execPath, [path.join(folder, 'lib/local/cli.js'), ...args], { cwd, env });
    this.child.stdin?.end(stdin);
    this.ended = once(this.child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
    for (const name of ['stdout', 'stderr'] as const) {
      const input = this.child[name];
      if (input) createInterface({ input }).on('line', (line) => this.onLine(name, line));
    }
  }

  /** Resolves with the first line that matches. Rejects if the process ends before that. */
  public line(pattern: RegExp): Promise<string> {
    const found = new Promise<string>((resolve) => {
      const check = () => {
        const line = this.lines.find((candidate) => pattern.test(candidate));
        if (line !== undefined) resolve(line);
      };
      this.checks.add(check);
      check();
    });
    const missing = this.ended.then((code) => {
      throw new Error(`ended with ${code} before ${pattern}:\n${this.lines.join('\n')}`);
    });
    return Promise.race([found, missing]);
  }

  /** Returns the URL of the WebSocket API. */
  public async url(): Promise<string> {
    return (await this.line(/^ {2}WebSocket/)).trim().split(/\s+/)[1] ?? '';
  }

  private onLine(stream: 'stdout' | 'stderr', line: string): void {
    this.lines.push(line);
    this[stream].push(line);
    for (const check of this.checks) check();
  }
}
