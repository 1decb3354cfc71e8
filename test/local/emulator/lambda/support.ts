import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { type FunctionSpec, LambdaHost, type LambdaHostOptions } from '../../../../local/emulator/lambda';
import type { InvokeResult, LogEvent } from '../../../../local/emulator/types';

/** Folders, functions and hosts of a test file. Call `clear` after each test and `remove` at the end. */
export class LambdaBench {
  public readonly logs: LogEvent[] = [];
  public readonly output: { functionName: string; line: string }[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), 'lambda-host-'));
  private readonly hosts: LambdaHost[] = [];
  private readonly watchers = new Set<() => void>();

  public constructor() {
    const entryPoints = [join(__dirname, '../../../../local/emulator/lambda/runtime-client.ts')];
    buildSync({ entryPoints, bundle: true, platform: 'node', target: 'node20', outfile: this.client });
  }

  public get client(): string {
    return join(this.folder, 'runtime-client.js');
  }

  public host(options: Partial<LambdaHostOptions> = {}): LambdaHost {
    const host = new LambdaHost({
      log: (event) => {
        this.logs.push(event);
        this.notify();
      },
      onOutput: (functionName, line) => {
        this.output.push({ functionName, line });
        this.notify();
      },
      runtimeClient: this.client,
      ...options,
    });
    this.hosts.push(host);
    return host;
  }

  /** Creates a folder with the given files. */
  public code(files: Record<string, string>): string {
    const folder = mkdtempSync(join(this.folder, 'code-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return folder;
  }

  /** Creates a function with the given CommonJS code in `index.js`. */
  public spec(source: string, overrides: Partial<FunctionSpec> = {}): FunctionSpec {
    const functionName = overrides.functionName ?? 'worker';
    return {
      functionName,
      functionArn: `arn:aws:lambda:eu-west-1:123456789012:function:${functionName}`,
      codeDir: overrides.codeDir ?? this.code({ 'index.js': source }),
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      timeoutMs: 60_000,
      memoryMb: 128,
      environment: {},
      ...overrides,
    };
  }

  /** Resolves when a line or a log event makes the condition true. */
  public until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition()) return;
        this.watchers.delete(check);
        resolve();
      };
      this.watchers.add(check);
      check();
    });
  }

  public line(text: string): Promise<void> {
    return this.until(() => this.output.some(({ line }) => line.includes(text)));
  }

  public async clear(): Promise<void> {
    await Promise.all(this.hosts.splice(0).map((host) => host.close()));
    this.logs.length = 0;
    this.output.length = 0;
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private notify(): void {
    for (const check of [...this.watchers]) check();
  }
}

/** Returns the payload of a result, which must be a success. */
export function payloadOf(result: InvokeResult): unknown {
  if (!result.ok) throw new Error(`${result.error.errorType}: ${result.error.errorMessage}`);
  return result.payload;
}

/** Returns the failure of a result, which must not be a success. */
export function failureOf(result: InvokeResult): Extract<InvokeResult, { ok: false }> {
  if (result.ok) throw new Error(`a failure was expected, got: ${JSON.stringify(result.payload)}`);
  return result;
}
