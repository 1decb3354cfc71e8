#!/usr/bin/env node
import pc from 'picocolors';
import { manyLines, painted } from '../emulator/text/printable';
import { systemClock } from '../emulator/types';
import { type Request, readCommandLine, UsageError } from './arguments';
import { type CliIo, DONE, FAILED, WRONG_USAGE } from './command';
import { COMMANDS } from './commands';
import { commandHelp, generalHelp } from './help';
import { packageVersion } from './package-version';
import { listenForShutdown, type Shutdown } from './shutdown';

/**
 * Ends the process without an error when the reader of the output has ended. `head`, for example, ends after its last
 * line.
 */
function endWithReader(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(DONE);
  });
}

async function main(args: readonly string[]): Promise<number> {
  try {
    return await answer(readCommandLine(args, COMMANDS));
  } catch (error) {
    return report(error, args);
  }
}

async function answer(request: Request): Promise<number> {
  if (request.kind === 'run') return request.command.run(request.options, processIo());
  if (request.kind === 'version') print(packageVersion());
  else print(request.command ? commandHelp(request.command) : generalHelp(COMMANDS));
  return DONE;
}

function processIo(): CliIo {
  let shutdown: Shutdown | undefined;
  return {
    cwd: process.cwd(),
    write: print,
    tell: (line) => process.stderr.write(`${painted(line)}\n`),
    ...(process.stderr.isTTY && { draw: (text: string) => process.stderr.write(text) }),
    readInput: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('utf8');
    },
    shutdown: () => {
      shutdown ??= listenForShutdown(systemClock.now);
      return shutdown;
    },
  };
}

function print(line: string): void {
  process.stdout.write(`${painted(line)}\n`);
}

function report(error: unknown, args: readonly string[]): number {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  const verbose = args.includes('--verbose');
  process.stderr.write(`${pc.red(manyLines(`error: ${(verbose ? stack : undefined) ?? message}`))}\n`);
  if (!(error instanceof UsageError)) return FAILED;
  const [name = ''] = args;
  const command = COMMANDS.some((known) => known.name === name) ? `${name} ` : '';
  process.stderr.write(`npx cdk-streamer ${command}--help lists the options\n`);
  return WRONG_USAGE;
}

endWithReader(process.stdout);
endWithReader(process.stderr);
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
