import * as path from 'node:path';
import { type LocalRun, printer, startLocalRun, TempDir } from '../runner';
import { type LogSink, systemClock } from '../types';
import type { DevOptions } from './dev-options';
import { readProject } from './project';
import { INTERRUPTED, type Shutdown } from './shutdown';
import { synthesize } from './synthesize';

export interface DevIo {
  /** Prints a line. */
  readonly write: (line: string) => void;
  readonly cwd: string;
  readonly shutdown: Shutdown;
}

/**
 * Synthesizes the app where asked to, runs it, and waits for the user to end it.
 *
 * @returns the exit code
 * @throws Error when the app cannot be synthesized or run
 */
export async function dev(options: DevOptions, io: DevIo): Promise<number> {
  const outDir = new TempDir();
  try {
    const log = printer({ write: io.write, verbose: options.verbose, now: systemClock.now });
    const assemblyDir = await findAssembly(options, io, outDir.root, log);
    if (io.shutdown.signal.aborted) return INTERRUPTED;
    await runUntilShutdown(options, io, assemblyDir, log);
    return 0;
  } catch (error) {
    if (io.shutdown.signal.aborted) return INTERRUPTED;
    throw error;
  } finally {
    outDir.remove();
  }
}

async function findAssembly(options: DevOptions, io: DevIo, outDir: string, log: LogSink): Promise<string> {
  if (options.assemblyDir !== undefined) return path.resolve(io.cwd, options.assemblyDir);
  const project = readProject(io.cwd);
  const command = options.app ?? project.app;
  if (command === undefined) return path.join(io.cwd, 'cdk.out');
  const startedAt = systemClock.now();
  log({ source: 'app', level: 'info', message: `synthesizing: ${command}` });
  await synthesize({ command, outDir, context: project.context, signal: io.shutdown.signal });
  log({ source: 'app', level: 'info', message: `synthesized in ${seconds(systemClock.now() - startedAt)}` });
  return outDir;
}

async function runUntilShutdown(options: DevOptions, io: DevIo, assemblyDir: string, log: LogSink): Promise<void> {
  const { port, dynamodb, verbose, pagesDir } = options;
  const startedAt = systemClock.now();
  const pages = pagesDir === undefined ? undefined : { dir: path.resolve(io.cwd, pagesDir) };
  const run = await startLocalRun({ assemblyDir, port, dynamodb, verbose, log, pages });
  for (const line of summary(run, pages !== undefined, systemClock.now() - startedAt)) io.write(line);
  await io.shutdown.wanted;
  log({ source: 'run', level: 'info', message: 'closing …' });
  await run.close();
  log({ source: 'run', level: 'info', message: 'closed' });
}

function summary({ endpoint, urls, outputs, issuer }: LocalRun, hasPages: boolean, tookMs: number): string[] {
  const addresses = [
    ...(hasPages ? [['page', `${endpoint}/`]] : []),
    ...Object.values(urls).map((url) => ['WebSocket', url]),
    ...(issuer ? [['tokens', `POST ${endpoint}/_aws/token`]] : []),
    ...Object.entries(outputs).flatMap(([stack, values]) =>
      Object.entries(values)
        .filter(([name]) => !name.startsWith('ExportsOutput'))
        .map(([name, value]) => [`${stack}.${name}`, value]),
    ),
  ];
  const width = Math.max(0, ...addresses.map(([name = '']) => name.length));
  const lines = addresses.map(([name = '', value = '']) => `  ${name.padEnd(width)}  ${value}`);
  return ['', `ready in ${seconds(tookMs)}`, ...lines, '', 'Ctrl-C ends the run', ''];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
