import { statSync } from 'node:fs';
import * as path from 'node:path';
import type { LambdaHost } from '../emulator/lambda';
import type { Clock, LogSink, Timer } from '../emulator/types';
import { type AppFiles, isInPackage } from './app-files';
import { BuildReport } from './build-report';
import { Bundle } from './bundle';
import type { BundledFunction } from './bundle-spec';
import { foldersOf, mayChange } from './changes';
import type { CodeFolders } from './code-folders';
import type { Esbuild } from './esbuild';
import { FolderWatcher } from './folder-watcher';
import { RunningCode } from './running-code';
import type { SourceMaps } from './source-maps';

export interface ReloaderDependencies {
  readonly host: Pick<LambdaHost, 'environments' | 'replaceCode'>;
  readonly esbuild: Esbuild;
  readonly maps: SourceMaps;
  readonly folders: CodeFolders;
  readonly findApp: () => Promise<AppFiles>;
  /** Called with saved files of the app itself. @default - a log line asks the user to restart dev */
  readonly onAppChange?: (files: readonly string[]) => void;
  /** Folder to which the file names in log lines are relative. */
  readonly cwd: string;
  readonly clock: Clock;
  readonly log: LogSink;
}

/**
 * Time in milliseconds without an event after which a save is complete. One save causes several events, because the
 * file is emptied, written and renamed.
 */
const SETTLED_MS = 25;

/** Bundles functions again when their sources change. Later invocations run the new code. */
export class Reloader {
  private readonly entries: { readonly bundle: Bundle; readonly code: RunningCode }[];
  private readonly watcher: FolderWatcher;
  private readonly report: BuildReport;
  private readonly changed = new Set<string>();
  private app: AppFiles = { folders: [], has: () => false };
  private timer: Timer;
  private working: Promise<void> | undefined;
  private closed = false;
  private hinted = false;
  /** Whether the last synthesis failed. In that case any file may be the cause, so all changes count. */
  private appBroken = false;

  public constructor(
    functions: readonly BundledFunction[],
    private readonly deps: ReloaderDependencies,
  ) {
    this.entries = functions.map((fn) => ({
      bundle: new Bundle(deps.esbuild, fn.spec),
      code: new RunningCode(fn, deps),
    }));
    this.report = new BuildReport(deps);
    this.watcher = new FolderWatcher({
      onChange: (changed) => this.onChange(changed),
      onRefused: ({ message }) =>
        this.tell('warn', `not every folder can be watched, so some saved files may not be noticed: ${message}`),
    });
  }

  /** Resolves after each bundle was built once. From then on, changes of the sources are noticed. */
  public async start(): Promise<void> {
    this.begin(async () => {
      this.app = await this.deps.findApp();
      await this.rebuild(this.entries);
    });
    await this.working;
  }

  /** Updates the watched files, because the app's imports may have changed. */
  public appSynthesized(ok: boolean): void {
    this.appBroken = !ok;
    if (!ok || this.closed) return;
    void this.deps.findApp().then((app) => {
      if (this.closed) return;
      this.app = app;
      this.watch(this.deps.clock.now());
    });
  }

  public async close(): Promise<void> {
    this.closed = true;
    this.deps.clock.clearTimeout(this.timer);
    this.watcher.closeAll();
    for (const { code } of this.entries) code.close();
    // a running build ends with esbuild and never settles
    await this.deps.esbuild.stop();
  }

  private onChange(changed: string): void {
    if (this.closed) return;
    this.changed.add(changed);
    this.deps.clock.clearTimeout(this.timer);
    this.timer = this.deps.clock.setTimeout(() => this.begin(() => this.round()), SETTLED_MS);
  }

  /** Runs one round at a time. Changes during a round belong to the next round. */
  private begin(work: () => Promise<void>): void {
    this.working ??= work().finally(() => {
      this.working = undefined;
      if (this.changed.size > 0 && !this.closed) this.begin(() => this.round());
    });
  }

  private async round(): Promise<void> {
    const changed = [...this.changed];
    this.changed.clear();
    this.reportAppChange(changed);
    const touched = this.entries.filter(
      ({ bundle }) => bundle.broken || changed.some((file) => mayChange(file, bundle.inputs)),
    );
    if (touched.length > 0) await this.rebuild(touched);
  }

  private async rebuild(entries: Reloader['entries']): Promise<void> {
    const startedAt = this.deps.clock.now();
    const results = await Promise.all(
      entries.map(async ({ bundle, code }) => {
        const wasBroken = bundle.broken;
        const result = await bundle.build();
        if (!result.ok) code.keep();
        const replaced =
          result.ok && !this.closed && code.replace(result.built.files, () => bundle.mapOf(result.built));
        return { name: code.name, result, wasBroken, replaced, tookMs: this.deps.clock.now() - startedAt };
      }),
    ).catch((error: Error) => {
      if (!this.closed) this.tell('error', `bundling ended: ${error.message}`);
      return [];
    });
    if (this.closed) return;
    this.watch(startedAt);
    await this.report.tell(results);
  }

  /**
   * @param since time after which saved files of a new folder count as changes, even if the folder was not watched yet
   */
  private watch(since: number): void {
    const folders = new Set(this.app.folders);
    for (const { bundle } of this.entries) {
      // a missing folder is watched, because an import looks for a file in it
      const missing = bundle.missing.map((folder) => `${folder}/.`);
      for (const folder of foldersOf([...bundle.inputs, ...missing], bundle.root)) folders.add(folder);
    }
    const opened = this.watcher.set(folders);
    for (const { bundle } of this.entries) {
      // the missing file may have been created before its folder was watched
      for (const folder of bundle.missing) if (opened.has(folder)) this.onChange(folder);
      for (const input of bundle.inputs) {
        if (opened.has(path.dirname(input)) && savedSince(input, since)) this.onChange(input);
      }
    }
  }

  private reportAppChange(changed: readonly string[]): void {
    const { onAppChange } = this.deps;
    if (!onAppChange) {
      this.hint(changed);
      return;
    }
    const files = changed.filter((name) => (this.appBroken ? !isInPackage(name) : this.app.has(name)));
    if (files.length > 0) onAppChange(files);
  }

  /** Logs once that the app itself has changed. The session continues with the old infrastructure. */
  private hint(changed: readonly string[]): void {
    const file = changed.find(
      (name) => this.app.has(name) && !this.entries.some(({ bundle }) => bundle.inputs.has(name)),
    );
    if (file === undefined || this.hinted) return;
    this.hinted = true;
    const name = path.relative(this.deps.cwd, file);
    this.tell('warn', `the infrastructure may have changed: ${name} was saved. Restart dev to synthesize and run it`);
  }

  private tell(level: 'warn' | 'error', message: string): void {
    this.deps.log({ source: 'dev', level, message });
  }
}

function savedSince(file: string, time: number): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= time;
}
