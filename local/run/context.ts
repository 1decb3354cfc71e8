import { redact as secretless } from '../../lambda-src/core/redact';
import { Recorder } from '../console';
import { type Assembly, loadAssembly } from '../emulator/assembly';
import { CredentialBook, Signatures } from '../emulator/http';
import { StreamPositions } from '../emulator/lambda/event-sources';
import { RunState } from '../emulator/state';
import { safeText } from '../emulator/text/safe-text';
import { type Clock, type LogEvent, type LogSink, systemClock } from '../emulator/types';
import { Chaos } from './chaos';
import { Closers } from './closers';
import { namingFunctions } from './log/run-log';
import { TempDir } from './temp-dir';
import type { LocalRunOptions } from './types';

/** Options and services that all parts of a starting run share. */
export interface RunContext {
  readonly options: LocalRunOptions;
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly log: LogSink;
  readonly temp: TempDir;
  /** The credentials that the run's services accept. */
  readonly credentials: CredentialBook;
  readonly signatures: Signatures;
  /** Records for the console; absent without a console. */
  readonly recorder: Recorder | undefined;
  /** Persistent state of the run; absent if everything is only in memory. */
  readonly kept: Kept | undefined;
  /** Faults of the run; absent if there are none. */
  readonly chaos: Chaos | undefined;
  readonly closers: Closers;
  /** Pending work that ends when the functions for which it waits have ended. */
  readonly draining: Promise<unknown>[];
  /** Maximum time in milliseconds to wait for `draining`. After this time, the functions are ended. */
  readonly drain: { ms: number };
  /** All warnings so far. */
  readonly warnings: string[];
  warn(lines: readonly string[]): void;
  /** Logs that a step of the start is complete. */
  step(source: string, message: string): void;
}

/** Command with which a user discards the state of a project. */
export const FRESH_COMMAND = 'npx cdk-streamer dev --fresh';

/** The persistent state of a run. */
export interface Kept {
  readonly state: RunState;
  /** Positions of event source mappings in streams. */
  readonly positions: StreamPositions;
}

/**
 * Opens the persistent state of a run.
 *
 * @throws StateError if another run has the lock of the state, or if the state cannot be read
 */
function openState({ state: options }: LocalRunOptions, closers: Closers): Kept | undefined {
  if (!options) return undefined;
  const state = RunState.open({ freshCommand: FRESH_COMMAND, ...options });
  closers.add('the state', () => state.close());
  return { state, positions: new StreamPositions(state.slot('positions')) };
}

export function createContext(options: LocalRunOptions): RunContext {
  const assembly = loadAssembly(options.assemblyDir);
  const functions = assembly.resources.filter(({ type }) => type === 'AWS::Lambda::Function');
  const clock = options.clock ?? systemClock;
  const recorder = options.console === false ? undefined : (options.recorder ?? new Recorder(clock, safeText));
  const sink = recorder ? both(options.log, (event) => recorder.log(event)) : options.log;
  const log = namingFunctions((event) => sink(redacted(event)), functions);
  const closers = new Closers();
  const temp = new TempDir(options.tempDir);
  closers.add('temporary files', () => temp.remove());
  const credentials = new CredentialBook();
  const kept = openState(options, closers);
  const warnings: string[] = [];
  return {
    options,
    assembly,
    clock,
    credentials,
    signatures: new Signatures(credentials, clock),
    recorder,
    log,
    temp,
    kept,
    chaos: options.chaos && new Chaos(options.chaos, clock, log),
    closers,
    draining: [],
    drain: { ms: 0 },
    warnings,
    warn: (lines) => {
      warnings.push(...lines);
      for (const message of lines) log({ source: 'template', level: 'warn', message });
    },
    step: (source, message) => log({ source, level: 'info', message }),
  };
}

/**
 * Removes tokens from log lines before any listener gets them: the terminal, the console or a test. From details, such
 * as the error of a function that failed, other secrets are removed, too, such as passwords.
 */
function redacted(event: LogEvent): LogEvent {
  const { message, below, detail, thrown } = event;
  return {
    ...event,
    message: safeText(message),
    ...(below && { below: linesBelow(below) }),
    ...(detail !== undefined && { detail: secretless(safeText(detail)) }),
    ...(thrown && { thrown: { ...thrown, title: safeText(thrown.title) } }),
  };
}

/** Maximum number of lines after the first line of a log event, and maximum number of characters in these lines. */
const MAX_BELOW = 1000;
const MAX_BELOW_TEXT = 256 * 1024;

function linesBelow(lines: readonly string[]): string[] {
  const kept: string[] = [];
  let room = MAX_BELOW_TEXT;
  for (const line of lines.slice(0, MAX_BELOW)) {
    if (room <= 0) break;
    kept.push(safeText(line));
    room -= line.length;
  }
  return kept.length < lines.length ? [...kept, `… ${lines.length - kept.length} more lines`] : kept;
}

function both(one: LogSink, other: LogSink): LogSink {
  return (event) => {
    one(event);
    other(event);
  };
}

/** Formats a number with its noun: `1 queue`, `2 queues`. */
export function count(things: number, name: string): string {
  return `${things} ${name}${things === 1 ? '' : 's'}`;
}
