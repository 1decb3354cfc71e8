import * as path from 'node:path';
import { DEV_CONTEXT } from '../../src/contract';
import { checkUnlocked } from '../emulator/state';
import { oneLine } from '../emulator/text/printable';
import { type LogSink, systemClock } from '../emulator/types';
import { type LocalRun, type LocalRunOptions, printer, TempDir } from '../run';
import { writeRunFile } from './client/run-file';
import type { DevOptions } from './dev-options';
import { DevSession, type SessionOptions } from './dev-session';
import { openBrowser } from './open-browser';
import { readProject } from './project';
import { inProjectFolder, makeProjectFolder } from './project-folder';
import { INTERRUPTED, type Shutdown } from './shutdown';
import { synthesize } from './synthesize';

/**
 * Context key of the CDK that adds construct paths to templates. Log lines use these paths as the names of the
 * resources that changed.
 */
const PATH_METADATA = 'aws:cdk:enable-path-metadata';

export interface DevIo {
  /** Prints a line. */
  readonly write: (line: string) => void;
  readonly cwd: string;
  readonly shutdown: Shutdown;
  /** Path of the bundled runtime client of functions. @default - the file next to this bundle */
  readonly runtimeClient?: string;
}

/**
 * Synthesizes the app if the options require it, runs it, and waits until the user ends it.
 *
 * @returns the exit code
 * @throws Error if the app cannot be synthesized or run
 */
export async function dev(options: DevOptions, io: DevIo): Promise<number> {
  const temp = new TempDir();
  try {
    const log = printer({ write: io.write, verbose: options.verbose, now: systemClock.now });
    const state = stateOf(options, io.cwd);
    // checked before the synthesis, because a synthesis takes long
    if (state) checkUnlocked(state.folder);
    const source = await findAssembly(options, io, temp, log);
    if (io.shutdown.signal.aborted) return INTERRUPTED;
    await runUntilShutdown({ options, io, temp, source, log });
    return 0;
  } catch (error) {
    if (io.shutdown.signal.aborted) return INTERRUPTED;
    throw error;
  } finally {
    temp.remove();
  }
}

/** The application to run. */
interface Source {
  readonly assemblyDir: string;
  /** Command that synthesized the app; absent if the assembly existed already. */
  readonly command?: string;
  /** Synthesizes the app again, into another folder. */
  readonly again?: () => Promise<string>;
}

async function findAssembly(options: DevOptions, io: DevIo, temp: TempDir, log: LogSink): Promise<Source> {
  const { assemblyDir } = options;
  if (assemblyDir !== undefined) return { assemblyDir: path.resolve(io.cwd, assemblyDir) };
  const command = options.app ?? readProject(io.cwd).app;
  if (command === undefined) return { assemblyDir: path.join(io.cwd, 'cdk.out') };
  let count = 0;
  const again = async () => {
    const startedAt = systemClock.now();
    log({ source: 'app', level: 'info', message: `synthesizing: ${command}` });
    count += 1;
    const outDir = temp.folder(`assembly-${count}`);
    const { context } = readProject(io.cwd);
    await synthesize({
      ...{ command, cwd: io.cwd, outDir, signal: io.shutdown.signal },
      context: { [PATH_METADATA]: true, ...context, [DEV_CONTEXT]: true },
    });
    log({ source: 'app', level: 'info', message: `synthesized in ${seconds(systemClock.now() - startedAt)}` });
    return outDir;
  };
  return { assemblyDir: await again(), command, again };
}

interface DevRun {
  readonly options: DevOptions;
  readonly io: DevIo;
  readonly temp: TempDir;
  readonly source: Source;
  readonly log: LogSink;
}

async function runUntilShutdown({ options, io, temp, source, log }: DevRun): Promise<void> {
  const { assemblyDir, command, again } = source;
  const { cwd } = io;
  const startedAt = systemClock.now();
  makeProjectFolder(cwd);
  let forget: () => void = () => undefined;
  // the project's other commands find the run by this file
  const announce = (run: LocalRun) => {
    forget();
    forget = writeRunFile(cwd, { endpoint: run.endpoint, pid: process.pid, variables: toolVariables(run) });
  };
  const session = await DevSession.start({
    ...{ assemblyDir, command, cwd, temp, log },
    run: runOptions(options, io),
    synthesize: again,
    watch: options.watch,
    onRestart: announce,
  });
  try {
    const { run } = session;
    const hasPages = options.pagesDir !== undefined;
    for (const line of summary(run, hasPages, systemClock.now() - startedAt)) io.write(line);
    if (options.open && run.console !== undefined) openBrowser(run.console, log);
    announce(run);
    const signal = await io.shutdown.wanted;
    log({ source: 'run', level: 'info', message: `received ${signal}, closing …` });
  } finally {
    forget();
    await session.close();
  }
  log({ source: 'run', level: 'info', message: 'closed' });
}

function runOptions(options: DevOptions, { cwd, runtimeClient }: DevIo): SessionOptions['run'] {
  const { port, dynamodb, verbose, pagesDir, maxConcurrency } = options;
  return {
    ...{ port, dynamodb, verbose, cwd, runtimeClient },
    pages: pagesDir === undefined ? undefined : { dir: path.resolve(cwd, pagesDir) },
    limits: { maxEnvironments: maxConcurrency },
    inspect: options.inspect,
    chaos: options.chaos,
    state: stateOf(options, cwd),
  };
}

/** Returns environment variables with which AWS tools use the run's services with the developer's credentials. */
function toolVariables({ variables, credentials }: LocalRun): Record<string, string> {
  return {
    ...variables,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: 'us-east-1',
  };
}

/**
 * Returns the options for the stored state. With DynamoDB Local there is no stored state: its tables exist only in
 * memory, and messages and objects without their tables are useless.
 */
function stateOf({ dynamodb, fresh }: DevOptions, cwd: string): LocalRunOptions['state'] {
  return dynamodb === 'local' ? undefined : { folder: inProjectFolder(cwd, 'state'), fresh };
}

function summary({ endpoint, console, urls, outputs, issuer }: LocalRun, hasPages: boolean, tookMs: number): string[] {
  const addresses = [
    ...(hasPages ? [['page', `${endpoint}/`]] : []),
    ...(console === undefined ? [] : [['console', console]]),
    ...Object.values(urls).map((url) => ['WebSocket', url]),
    ...(issuer ? [['tokens', `POST ${endpoint}/_aws/token`]] : []),
    ...Object.entries(outputs).flatMap(([stack, values]) =>
      Object.entries(values)
        .filter(([name]) => !name.startsWith('ExportsOutput'))
        .map(([name, value]) => [`${stack}.${name}`, value]),
    ),
  ];
  const width = Math.max(0, ...addresses.map(([name = '']) => name.length));
  const lines = addresses.map(([name = '', value = '']) => oneLine(`  ${name.padEnd(width)}  ${value}`));
  return ['', `ready in ${seconds(tookMs)}`, ...lines, '', 'Ctrl-C ends the run', ''];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
