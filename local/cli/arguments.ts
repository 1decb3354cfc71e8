import { type ParseArgsConfig, parseArgs } from 'node:util';

/** What the command line asks for. */
export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'version' }
  | { readonly name: 'dev'; readonly options: DevOptions };

export interface DevOptions {
  /** A command that synthesizes the app, run by the shell. */
  readonly app?: string;
  /** A cloud assembly. */
  readonly assemblyDir?: string;
  readonly port?: number;
  readonly pagesDir?: string;
  readonly dynamodb: 'embedded' | 'local';
  /** Open the console in a browser. */
  readonly open: boolean;
  readonly verbose: boolean;
  /** Bundle a handler again when it is saved. */
  readonly watch: boolean;
}

/** The command line is wrong. The message says what and how it should be. */
export class UsageError extends Error {
  public override readonly name = 'UsageError';
}

const OPTIONS = {
  app: { type: 'string' },
  dynamodb: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  'no-watch': { type: 'boolean' },
  open: { type: 'boolean' },
  pages: { type: 'string' },
  port: { type: 'string' },
  verbose: { type: 'boolean' },
  version: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options'];

/** @throws UsageError */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  const [name, ...rest] = positionals;
  if (values.help || (name === undefined && !values.version)) return { name: 'help' };
  if (values.version) return { name: 'version' };
  if (name !== 'dev') throw new UsageError(`unknown command: ${name}`);
  if (rest.length > 1) throw new UsageError(`expected one assembly, got: ${rest.join(' ')}`);
  if (rest.length === 1 && values.app !== undefined) {
    throw new UsageError('give either an assembly or --app, not both');
  }
  return {
    name: 'dev',
    options: {
      app: values.app,
      assemblyDir: rest[0],
      port: parsePort(values.port),
      pagesDir: values.pages,
      dynamodb: parseEngine(values.dynamodb),
      open: values.open ?? false,
      verbose: values.verbose ?? false,
      watch: !values['no-watch'],
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    // The first sentence says what is wrong; the rest is about positional arguments that begin with a dash.
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

function parsePort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (text.trim() === '' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`--port must be a whole number from 0 to 65535, got: ${text}`);
  }
  return port;
}

function parseEngine(text: string | undefined): DevOptions['dynamodb'] {
  if (text === undefined || text === 'embedded') return 'embedded';
  if (text === 'local') return 'local';
  throw new UsageError(`--dynamodb must be embedded or local, got: ${text}`);
}
