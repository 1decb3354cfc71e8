import { stripVTControlCharacters } from 'node:util';
import { dev } from '../../../local/cli/dev';
import type { DevOptions } from '../../../local/cli/dev-options';
import type { Project } from './support';

const OPTIONS: DevOptions = { port: 0, dynamodb: 'embedded', open: false, verbose: false, watch: true, fresh: false };

/** Runs `cdk-streamer dev` in this process. */
export class Dev {
  public readonly lines: string[] = [];
  private readonly checks = new Set<() => void>();
  private readonly controller = new AbortController();
  private readonly ended: Promise<number>;

  public constructor(project: Project, options: Partial<DevOptions>) {
    const wanted = new Promise<string>((resolve) =>
      this.controller.signal.addEventListener('abort', () => resolve('SIGINT')),
    );
    const shutdown = { signal: this.controller.signal, wanted, dispose: () => undefined };
    const write = (text: string) => {
      // in CI runs, for example, the output contains colors
      this.lines.push(...stripVTControlCharacters(text).split('\n'));
      for (const check of this.checks) check();
    };
    const io = { write, cwd: project.root, shutdown, runtimeClient: project.runtimeClient() };
    this.ended = dev({ ...OPTIONS, ...options }, io);
  }

  /** Resolves with the n-th line that matches. */
  public line(pattern: RegExp, nth = 1): Promise<string> {
    const found = new Promise<string>((resolve) => {
      const check = () => {
        const line = this.lines.filter((candidate) => pattern.test(candidate))[nth - 1];
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

  /** Returns one of the addresses in the first lines. */
  public async address(name: string): Promise<string> {
    const line = await this.line(new RegExp(`^ {2}${name} `));
    return line.slice(name.length + 2).trim();
  }

  public async close(): Promise<void> {
    this.controller.abort();
    await this.ended.catch(() => undefined);
  }
}
