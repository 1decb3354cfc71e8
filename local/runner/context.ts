import { type Assembly, loadAssembly } from '../assembly';
import { type Clock, type LogSink, systemClock } from '../types';
import { Closers } from './closers';
import { namingFunctions } from './run-log';
import { TempDir } from './temp-dir';
import type { LocalRunOptions } from './types';

/** What every part of a run's beginning needs. */
export interface RunContext {
  readonly options: LocalRunOptions;
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly log: LogSink;
  readonly temp: TempDir;
  readonly closers: Closers;
  /** Work that ends once the functions it waits for have ended. */
  readonly draining: Promise<unknown>[];
  /** What was warned of so far. */
  readonly warnings: string[];
  warn(lines: readonly string[]): void;
  /** Tells of one thing that was done. */
  step(source: string, message: string): void;
}

export function createContext(options: LocalRunOptions): RunContext {
  const assembly = loadAssembly(options.assemblyDir);
  const functions = assembly.resources.filter(({ type }) => type === 'AWS::Lambda::Function');
  const log = namingFunctions(options.log, functions);
  const closers = new Closers();
  const temp = new TempDir(options.tempDir);
  closers.add('temporary files', () => temp.remove());
  const warnings: string[] = [];
  return {
    options,
    assembly,
    clock: options.clock ?? systemClock,
    log,
    temp,
    closers,
    draining: [],
    warnings,
    warn: (lines) => {
      warnings.push(...lines);
      for (const message of lines) log({ source: 'template', level: 'warn', message });
    },
    step: (source, message) => log({ source, level: 'info', message }),
  };
}

/** Counts things in words: `1 queue`, `2 queues`. */
export function count(things: number, name: string): string {
  return `${things} ${name}${things === 1 ? '' : 's'}`;
}
