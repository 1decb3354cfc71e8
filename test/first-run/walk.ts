import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { piecesOf } from '../docs/support/pages';

/** An instruction of a page to its reader. */
export type Step =
  | { readonly kind: 'command'; readonly text: string; readonly line: number }
  | { readonly kind: 'file'; readonly name: string; readonly text: string; readonly line: number };

/** Lines of `sh` blocks, without comments, and `ts` blocks that begin with a file's name. */
export function stepsOf(page: string): Step[] {
  return piecesOf(page).flatMap((piece): Step[] => {
    if (piece.kind !== 'fence') return [];
    const { language, text, line } = piece;
    if (language === 'sh') return commandsOf(text, line);
    const name = /^\/\/ ([\w./-]+\.tsx?)$/m.exec(text.split('\n', 1)[0] ?? '')?.[1];
    if (language !== 'ts' || name === undefined) throw new Error(`line ${line}: a block that a reader cannot follow`);
    return [{ kind: 'file', name, text, line }];
  });
}

function commandsOf(text: string, line: number): Step[] {
  return text
    .split('\n')
    .map((raw, index) => ({
      kind: 'command' as const,
      text: raw.replace(/\s+#\s.*$/, '').trim(),
      line: line + 1 + index,
    }))
    .filter((step) => step.text !== '');
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Matches the line that `cdk-streamer dev` prints when the application is ready. */
const READY = /Ctrl-C ends the run/;
/** Matches the line that `dev` prints when it has applied a changed stack. */
const APPLIED = /applied in .* s;/;
/** Maximum time in milliseconds to wait for this line. */
const APPLY_MS = 180_000;
/** The module whose change `dev` applies. */
const STACK = 'stack.ts';
/** Address that the page contains. If its port is in use, `dev` uses the next one. */
const ADDRESS = 'ws://127.0.0.1:4000/v1';

/** A reader's two terminals: one runs `npm run dev`, the other one runs all other commands. Both are in the same folder. */
export class Reader {
  private dev?: { readonly child: ChildProcess; readonly ended: Promise<unknown>; readonly lines: string[] };
  /** Number of lines that `dev` had printed when the stack was written; absent if `dev` has no change to apply. */
  private linesAtChange?: number;
  /** The time at which the last command first printed progress. */
  public firstProgressAt?: number;

  public constructor(
    private folder: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly print: (line: string) => void,
  ) {}

  public get cwd(): string {
    return this.folder;
  }

  public write(name: string, text: string): void {
    const file = join(this.folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (name === STACK) this.linesAtChange = this.dev?.lines.length;
    this.print(`  writes ${name}`);
  }

  /** Types a line. @throws Error with the output of the command, if the command fails */
  public async type(line: string): Promise<Ran> {
    this.print(`  $ ${line}`);
    if (line === 'npm run dev') return this.startDev();
    await this.applied();
    const ran = await this.run(this.asTyped(line));
    if (ran.code !== 0) throw new Error(`${line}: exit code ${ran.code}\n${ran.stdout}\n${ran.stderr}`);
    return ran;
  }

  /** Presses Ctrl-C in the terminal of `npm run dev`. */
  public async endDev(): Promise<void> {
    if (!this.dev) return;
    const { child, ended } = this.dev;
    this.dev = undefined;
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
    await ended;
  }

  /** Waits as a reader does until `dev` has applied the stack that was written. */
  private async applied(): Promise<void> {
    const dev = this.dev;
    const linesAtChange = this.linesAtChange;
    this.linesAtChange = undefined;
    if (!dev || linesAtChange === undefined) return;
    const endsAt = performance.now() + APPLY_MS;
    while (!dev.lines.slice(linesAtChange).some((line) => APPLIED.test(line))) {
      if (performance.now() > endsAt) throw new Error(`the changed stack is not applied:\n${dev.lines.join('\n')}`);
      await setTimeout(200);
    }
  }

  /** Returns the line with the address that `dev` printed, and with the flag that the page names for Node.js 20. */
  private asTyped(line: string): string {
    if (!line.includes(ADDRESS)) return line;
    const url = /ws:\S+/.exec(this.dev?.lines.find((printed) => /^ +WebSocket /.test(printed)) ?? '')?.[0] ?? ADDRESS;
    const flag = 'WebSocket' in globalThis ? '' : 'NODE_OPTIONS=--experimental-websocket ';
    return `${flag}${line.replace(ADDRESS, url)}`;
  }

  private async run(line: string): Promise<Ran> {
    const where = join(this.env.TMPDIR as string, 'cwd');
    const child = spawn('sh', ['-c', `${line}\ncode=$?; pwd > '${where}'; exit $code`], {
      ...{ cwd: this.folder, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] as const },
    });
    const printed = { stdout: '', stderr: '' };
    this.firstProgressAt = undefined;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        printed[name] += text;
        if (/\d %/.test(printed.stderr)) this.firstProgressAt ??= performance.now();
      });
    }
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    this.folder = readFileSync(where, 'utf8').trim();
    return { code, ...printed };
  }

  private async startDev(): Promise<Ran> {
    await this.endDev();
    const child = spawn('npm', ['run', 'dev'], { cwd: this.folder, env: this.env, detached: true, stdio: 'pipe' });
    const ended = new Promise((resolve) => child.on('close', resolve));
    const lines: string[] = [];
    this.dev = { child, ended, lines };
    const ready = new Promise<void>((resolve, reject) => {
      for (const input of [child.stdout, child.stderr]) {
        createInterface({ input }).on('line', (line) => {
          lines.push(line);
          if (READY.test(line)) resolve();
        });
      }
      child.on('close', (code) => reject(new Error(`npm run dev ended with ${code}:\n${lines.join('\n')}`)));
    });
    await ready;
    return { code: null, stdout: lines.join('\n'), stderr: '' };
  }
}
