import { parseArgs } from 'node:util';
import type { Command, Given, OptionTable } from './command';

/** The command line after parsing. */
export type Request =
  | { readonly kind: 'help'; readonly command?: Command }
  | { readonly kind: 'version' }
  | { readonly kind: 'run'; readonly command: Command; readonly options: unknown };

/** An invalid command line. The message names the mistake and the valid form. */
export class UsageError extends Error {
  public override readonly name = 'UsageError';
}

/** Options of every command. */
export const COMMON_OPTIONS = {
  help: { type: 'boolean', short: 'h', help: 'print this' },
} as const satisfies OptionTable;

/**
 * Parses a command line.
 *
 * @throws UsageError
 */
export function readCommandLine(args: readonly string[], commands: readonly Command[]): Request {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h') return { kind: 'help' };
  if (name === '--version') return { kind: 'version' };
  if (name === 'help') return { kind: 'help', ...(rest[0] !== undefined && { command: find(rest[0], commands) }) };
  const command = find(name, commands);
  const given = readArguments(rest, command.options);
  if (given.values.help) return { kind: 'help', command };
  return { kind: 'run', command, options: command.parse(given) };
}

function find(name: string, commands: readonly Command[]): Command {
  const command = commands.find((candidate) => candidate.name === name);
  if (command) return command;
  const what = name.startsWith('-') ? 'expected a command first, got' : 'unknown command';
  throw new UsageError(`${what}: ${name} (there are ${commands.map((known) => known.name).join(', ')})`);
}

/**
 * Separates options from positional arguments.
 *
 * @throws UsageError
 */
export function readArguments<Table extends OptionTable>(
  args: readonly string[],
  table: Table,
): Given<Table & typeof COMMON_OPTIONS> {
  const options = Object.fromEntries(
    Object.entries({ ...table, ...COMMON_OPTIONS } as OptionTable).map(([name, { type, short }]) => [
      name,
      { type, ...(short !== undefined && { short }) },
    ]),
  );
  try {
    return parseArgs({
      args: args.map((arg) => withValue(arg, table)),
      options,
      allowPositionals: true,
      strict: true,
    }) as never;
  } catch (error) {
    // the first sentence names the mistake; the others are about positional arguments that begin with a dash
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

/**
 * Rewrites an option without a value to one with an empty value, because Node.js has no options with an optional value.
 */
function withValue(arg: string, table: OptionTable): string {
  const optional = arg.startsWith('--') && Object.hasOwn(table, arg.slice(2)) && table[arg.slice(2)]?.optional;
  return optional ? `${arg}=` : arg;
}

/**
 * Parses the integer value of an option.
 *
 * @throws UsageError
 */
export function parseInteger(option: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UsageError(`--${option} must be a whole number from ${min} to ${max}, got: ${text}`);
}

/**
 * Checks the value of an option that accepts only certain values.
 *
 * @throws UsageError
 */
export function parseChoice<const Choice extends string>(
  option: string,
  text: string | undefined,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const [first] = choices;
  if (text === undefined) return first;
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw new UsageError(`--${option} must be ${choices.join(' or ')}, got: ${text}`);
  return choice;
}
