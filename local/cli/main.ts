#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import pc from 'picocolors';
import { systemClock } from '../types';
import { type Command, parseCommand, UsageError } from './arguments';
import { dev } from './dev';
import { HELP } from './help';
import { listenForShutdown } from './shutdown';

const WRONG_USAGE = 2;

async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(parseCommand(args));
  } catch (error) {
    return report(error, args.includes('--verbose'));
  }
}

async function run(command: Command): Promise<number> {
  if (command.name === 'help') return print(HELP.trimEnd());
  if (command.name === 'version') return print(version());
  const shutdown = listenForShutdown(systemClock.now);
  return dev(command.options, { write: print, cwd: process.cwd(), shutdown });
}

function print(line: string): number {
  process.stdout.write(`${line}\n`);
  return 0;
}

/** The package's own file, two folders above the bundle as above the source. */
function version(): string {
  const file = path.join(__dirname, '../../package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function report(error: unknown, verbose: boolean): number {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  process.stderr.write(`${pc.red(`error: ${(verbose ? stack : undefined) ?? message}`)}\n`);
  if (!(error instanceof UsageError)) return 1;
  process.stderr.write('cdk-streamer --help tells what there is\n');
  return WRONG_USAGE;
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
