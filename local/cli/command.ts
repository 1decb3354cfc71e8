import type { Shutdown } from './shutdown';

/** The environment in which a command runs. */
export interface CliIo {
  readonly cwd: string;
  /** Prints a line of the result on stdout. */
  readonly write: (line: string) => void;
  /** Prints a line about the progress on stderr. */
  readonly tell: (line: string) => void;
  /**
   * Writes to stderr without a line break, so that the next output can overwrite the line. Absent if stderr is not a
   * terminal.
   */
  readonly draw?: (text: string) => void;
  /** Reads all of stdin. */
  readonly readInput: () => Promise<string>;
  /** Begins to listen for Ctrl-C at the first call. */
  readonly shutdown: () => Shutdown;
}

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** Placeholder for the value in the help. */
  readonly value?: string;
  /** Whether the value is optional. It must follow `=`, and is an empty string if the user omits it. */
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
  /** Summary in one line. */
  readonly summary: string;
  /** Usage lines: the arguments after `cdk-streamer`, and their effect. */
  readonly usage: readonly (readonly [string, string])[];
  readonly options: Table;
  /** Last lines of the help. */
  readonly notes?: string;
  /**
   * Converts the given arguments to the command's options.
   *
   * @throws UsageError
   */
  readonly parse: (given: Given<Table>) => Options;
  /**
   * Runs the command.
   *
   * @returns the exit code
   */
  readonly run: (options: Options, io: CliIo) => Promise<number>;
}

/** A command without the exact types of its options. Only the command itself uses these types. */
export type Command = CommandSpec<OptionTable, unknown>;

export function command<const Table extends OptionTable, Options>(spec: CommandSpec<Table, Options>): Command {
  return spec as unknown as Command;
}

/** Exit code of a command that succeeded. */
export const DONE = 0;
/** Exit code of a command that failed. */
export const FAILED = 1;
/** Exit code for an invalid command line. */
export const WRONG_USAGE = 2;
/** Exit code of a command that `--timeout` has ended. The command `timeout` uses the same number. */
export const TIMED_OUT = 124;
