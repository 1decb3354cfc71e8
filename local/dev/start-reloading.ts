import { DEV_CONTEXT, METADATA } from '../../src/contract';
import { type Clock, type LogSink, systemClock } from '../emulator/types';
import type { LocalRun } from '../run';
import { findAppFiles } from './app-files';
import { type BundledFunction, debuggable, readBundleSpec } from './bundle-spec';
import { CodeFolders } from './code-folders';
import { findEsbuild } from './esbuild';
import { Reloader } from './reloader';
import type { SourceMaps } from './source-maps';

export interface ReloadOptions {
  readonly run: Pick<LocalRun, 'functions' | 'host'> & Partial<Pick<LocalRun, 'inspected'>>;
  /** Source maps for the stack traces of the run. */
  readonly maps: SourceMaps;
  /** Command that synthesized the app; absent if the run has an existing assembly. */
  readonly command?: string;
  readonly cwd: string;
  /** Folder that contains only rebuilt code. */
  readonly folder: string;
  readonly log: LogSink;
  readonly clock?: Clock;
  /** Called with saved files of the app itself. @default - a log line asks the user to restart dev */
  readonly onAppChange?: (files: readonly string[]) => void;
}

export interface Reloading {
  /** Resolves after each bundle was built once. From then on, a bundle is built again when a source of it changes. */
  readonly ready: Promise<void>;
  /**
   * Must be called after each later synthesis of the app.
   *
   * @param ok whether the synthesis succeeded
   */
  appSynthesized(ok: boolean): void;
  close(): Promise<void>;
}

/**
 * Starts to bundle functions again when their sources are saved. It also notices changes that are saved before it is
 * ready. If it cannot start, it logs the reason and the remedy.
 */
export function startReloading(options: ReloadOptions): Reloading {
  const { run, log, cwd } = options;
  const functions = run.functions
    .flatMap((fn) => bundledFunction(fn, log))
    .map((fn) => (fn.functionName === run.inspected ? { ...fn, spec: debuggable(fn.spec) } : fn));
  if (functions.length === 0) return without(log, reason(options.command));
  const roots = functions.map(({ spec }) => String(spec.build.absWorkingDir));
  const esbuild = findEsbuild([...new Set([...roots, cwd, __dirname])]);
  if (!esbuild) return without(log, 'esbuild was not found. Install it: npm install --save-dev esbuild');
  const reloader = new Reloader(functions, {
    host: run.host,
    esbuild,
    maps: options.maps,
    folders: new CodeFolders(options.folder),
    findApp: () => findAppFiles(options.command, cwd, esbuild),
    onAppChange: options.onAppChange,
    cwd,
    clock: options.clock ?? systemClock,
    log,
  });
  const names = functions.map(({ name }) => name).join(', ');
  const tell = () =>
    log({ source: 'dev', level: 'info', message: `a saved source is bundled again and runs immediately: ${names}` });
  return {
    ready: reloader.start().then(tell),
    appSynthesized: (ok) => reloader.appSynthesized(ok),
    close: () => reloader.close(),
  };
}

function bundledFunction(fn: LocalRun['functions'][number], log: LogSink): BundledFunction[] {
  try {
    const spec = readBundleSpec(fn.metadata(METADATA.bundle));
    return spec ? [{ functionName: fn.functionName, name: fn.name, codeDir: fn.codeDir, spec }] : [];
  } catch (error) {
    log({ source: 'dev', level: 'warn', message: `saving does not re-bundle ${fn.name}: ${(error as Error).message}` });
    return [];
  }
}

function reason(command: string | undefined): string {
  return command === undefined
    ? `the assembly does not specify how its handlers are bundled. Run dev without an assembly, or synthesize it with -c ${DEV_CONTEXT}=true`
    : 'the app does not specify how its handlers are bundled. It needs handlers of a StreamerApi, and a version of cdk-streamer that is not older than this command';
}

function without(log: LogSink, why: string): Reloading {
  log({ source: 'dev', level: 'info', message: `saving a handler does not re-bundle it: ${why}` });
  return { ready: Promise.resolve(), appSynthesized: () => undefined, close: async () => undefined };
}
