import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { UsageError } from '../arguments';
import type { CliIo } from '../command';

/**
 * Reads the input that a command line specifies: JSON, `@file` for a file, or `-` for stdin.
 *
 * @throws UsageError if the input is not JSON or the file cannot be read
 */
export async function readJson(
  text: string | undefined,
  { cwd, readInput }: Pick<CliIo, 'cwd' | 'readInput'>,
): Promise<unknown> {
  if (text === undefined) return undefined;
  if (text === '-') return parse(await readInput(), 'stdin');
  if (text.startsWith('@')) return parse(readFile(path.resolve(cwd, text.slice(1))), text.slice(1));
  return parse(text, 'the input');
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`the input cannot be read: ${(error as Error).message}`);
  }
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${where} must be JSON, such as '{"name": "Ada"}': ${(error as Error).message}`);
  }
}
