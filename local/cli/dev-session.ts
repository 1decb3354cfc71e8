import { rmSync } from 'node:fs';
import * as path from 'node:path';
import { InputExamples, type Reloading, SourceMaps, startMapping, startReloading } from '../dev';
import { type LogSink, systemClock } from '../emulator/types';
import { FRESH_COMMAND, type LocalRun, type LocalRunOptions, startLocalRun, type TempDir } from '../run';
import { describeStackChange, stacksOf } from './stack-change';

/** Maximum time in milliseconds to wait for running invocations before a changed stack replaces their functions. */
const DRAIN_MS = 10_000;
/**
 * Delay in milliseconds after a file was saved. Files that are saved within this time count as one change, because a
 * change of a stack often concerns several files.
 */
const SETTLED_MS = 200;

export interface SessionOptions {
  /** Options of the run, except for those that the session sets. */
  readonly run: Omit<LocalRunOptions, 'assemblyDir' | 'recorder' | 'sources' | 'inputExample' | 'log'>;
  readonly assemblyDir: string;
  /** Command that synthesized the app; absent if the run has an existing assembly. */
  readonly command?: string;
  /**
   * Synthesizes the app into a new folder.
   *
   * @throws Error if the synthesis fails
   */
  readonly synthesize?: () => Promise<string>;
  readonly watch: boolean;
  readonly cwd: string;
  readonly temp: TempDir;
  readonly log: LogSink;
  /** Called with each run that replaces an earlier one. */
  readonly onRestart: (run: LocalRun) => void;
}

/**
 * A run that follows the app's sources: when files are saved, it bundles or synthesizes again and applies the changes.
 */
export class DevSession {
  private reloading: Reloading | undefined;
  private timer: unknown;
  private readonly changed = new Set<string>();
  private working: Promise<void> | undefined;
  private closed = false;
  private codeFolders = 0;

  private constructor(
    private readonly options: SessionOptions,
    private assemblyDir: string,
    public run: LocalRun,
    private sources: SourceMaps,
    private readonly examples: InputExamples,
  ) {
    this.watch();
  }

  /**
   * Starts a run and watches its sources.
   *
   * @throws Error if the run cannot start
   */
  public static async start(options: SessionOptions): Promise<DevSession> {
    const sources = new SourceMaps();
    const examples = new InputExamples();
    const { run, assemblyDir, log } = options;
    const inputExample = (action: string) => examples.of(action);
    const started = await startLocalRun({ ...run, assemblyDir, sources, inputExample, log });
    return new DevSession(options, assemblyDir, started, sources, examples);
  }

  public async close(): Promise<void> {
    this.closed = true;
    systemClock.clearTimeout(this.timer);
    await this.working;
    await this.reloading?.close();
    await this.examples.close();
    await this.run.close();
  }

  private watch(): void {
    const { watch, command, cwd, temp, log, synthesize } = this.options;
    this.examples.use(this.run.functions);
    if (!watch) {
      this.reloading = startMapping({ run: this.run, maps: this.sources, cwd });
      return;
    }
    this.codeFolders += 1;
    this.reloading = startReloading({
      run: this.run,
      maps: this.sources,
      command,
      cwd,
      folder: temp.folder(`code-${this.codeFolders}`),
      log,
      onAppChange: synthesize && ((files) => this.onAppChange(files)),
    });
  }

  private onAppChange(files: readonly string[]): void {
    for (const file of files) this.changed.add(file);
    systemClock.clearTimeout(this.timer);
    this.timer = systemClock.setTimeout(() => this.begin(), SETTLED_MS);
  }

  /** Applies one change at a time. Changes during that time are applied afterwards. */
  private begin(): void {
    if (this.closed || this.working) return;
    this.working = this.apply().finally(() => {
      this.working = undefined;
      if (this.changed.size > 0) this.begin();
    });
  }

  private async apply(): Promise<void> {
    const { cwd, synthesize } = this.options;
    // the system may report the project's folder instead of a file in it
    const names = [...this.changed].map((file) => path.relative(cwd, file) || 'the project folder');
    this.changed.clear();
    this.tell('info', `${names.join(', ')} saved: synthesizing again`);
    try {
      const assemblyDir = await (synthesize as () => Promise<string>)();
      this.reloading?.appSynthesized(true);
      if (!this.closed) await this.replace(assemblyDir);
    } catch (error) {
      this.reloading?.appSynthesized(false);
      if (!this.closed) this.tell('error', `the run continues unchanged: ${(error as Error).message}`);
    }
  }

  private async replace(assemblyDir: string): Promise<void> {
    const change = describeStackChange(stacksOf(this.assemblyDir), stacksOf(assemblyDir));
    if (change.length === 0) {
      rmSync(assemblyDir, { recursive: true, force: true });
      return this.tell('info', 'the infrastructure has not changed');
    }
    const problems = await this.run.problemsWith(assemblyDir);
    if (problems.length > 0) {
      rmSync(assemblyDir, { recursive: true, force: true });
      const what = problems.join('; ');
      return this.tell(
        'error',
        `the run continues unchanged: ${what}. To apply this, restart with an empty state: ${FRESH_COMMAND}`,
      );
    }
    for (const line of change) this.tell('info', line);
    await this.restart(assemblyDir);
  }

  /** Replaces the run. The state, the port and the process stay the same, and clients reconnect automatically. */
  private async restart(assemblyDir: string): Promise<void> {
    const startedAt = systemClock.now();
    const before = this.assemblyDir;
    await this.reloading?.close();
    await this.run.close({ drainMs: DRAIN_MS });
    try {
      await this.beginRun(assemblyDir);
      rmSync(before, { recursive: true, force: true });
      this.tell(
        'info',
        `applied in ${((systemClock.now() - startedAt) / 1000).toFixed(1)} s; state and address are the same`,
      );
    } catch (error) {
      this.tell('error', `the change cannot run, so the previous app is started again: ${(error as Error).message}`);
      await this.beginRun(before).catch((again: Error) =>
        this.tell(
          'error',
          `the previous app cannot be started either: ${again.message}. Nothing runs now; restart dev`,
        ),
      );
    }
  }

  private async beginRun(assemblyDir: string): Promise<void> {
    const { run, log, onRestart } = this.options;
    const port = Number(new URL(this.run.endpoint).port);
    const state = run.state && { ...run.state, fresh: false };
    this.sources = new SourceMaps();
    const inputExample = (action: string) => this.examples.of(action);
    const { recorder } = this.run;
    const kept = { port, state, recorder };
    this.run = await startLocalRun({ ...run, ...kept, assemblyDir, sources: this.sources, inputExample, log });
    this.assemblyDir = assemblyDir;
    onRestart(this.run);
    this.watch();
  }

  private tell(level: 'info' | 'error', message: string): void {
    this.options.log({ source: 'dev', level, message });
  }
}
