import type { Shutdown } from './shutdown';

/** The environment in which a command runs. */
export interface CliIo {
  readonly cwd: string;
  /** Prints a line of the result on stdout. */
  readonly write: (line: string) => void;
  /** Prints a line about the progress on stderr. */
  readonly tell: (line: string) => void;
  /** Writes to stderr without an end of line, to draw over it; absent where stderr is no terminal. */
  readonly draw?: (text: string) => void;
  /** All of stdin. */
  readonly readInput: () => Promise<string>;
  /** Listens for Ctrl-C from the first call on. */
  readonly shutdown: () => Shutdown;
}

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** Placeholder of the value in the help. */
  readonly value?: string;
  /** Whether the value is optional: it follows `=`, and is empty if it is omitted. */
  readonly optional?: boolean;
  /** Meaning of the option, with its default. */
  readonly help: string;
}

export type OptionTable = Readonly<Record<string, OptionSpec>>;

export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]?: Table[Name]['type'] extends 'boolean' ? boolean : string;
};

/** A command line after its options were separated from its positional arguments. */
export interface Given<Table extends OptionTable> {
  readonly values: OptionValues<Table>;
  readonly positionals: readonly string[];
}

/** One command of the command line. */
export interface CommandSpec<Table extends OptionTable, Options> {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Usage lines: the arguments after `cdk-streamer`, and their effect. */
  readonly usage: readonly (readonly [string, string])[];
  readonly options: Table;
  /** Closing lines of the help. */
  readonly notes?: string;
  /** @throws UsageError */
  readonly parse: (given: Given<Table>) => Options;
  /** @returns the exit code */
  readonly run: (options: Options, io: CliIo) => Promise<number>;
}

/** A command whose types are its own affair. */
export type Command = CommandSpec<OptionTable, unknown>;

export function command<const Table extends OptionTable, Options>(spec: CommandSpec<Table, Options>): Command {
  return spec as unknown as Command;
}

/** Exit code of a command that succeeded. */
export const DONE = 0;
/** Exit code of a command that failed. */
export const FAILED = 1;
/** The command line is wrong. */
export const WRONG_USAGE = 2;
/** Exit code if the time of `--timeout` is over; the number is that of the command `timeout`. */
export const TIMED_OUT = 124;
