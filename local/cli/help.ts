import { COMMON_OPTIONS } from './arguments';
import type { Command, OptionTable } from './command';

type Row = readonly [string, string];

/** Returns the help for all commands. */
export function generalHelp(commands: readonly Command[]): string {
  return [
    'cdk-streamer: runs a CDK application that uses Streamer on this machine, and sends requests to it',
    '',
    section(
      'Commands',
      commands.map(({ name, summary }): Row => [`cdk-streamer ${name}`, summary]),
    ),
    '',
    section('Options', [
      ['--version', 'print the version'],
      ['-h, --help', 'print this; after a command, its options'],
    ]),
  ].join('\n');
}

/** Returns the help for one command. */
export function commandHelp({ name, summary, usage, options, notes }: Command): string {
  return [
    `cdk-streamer ${name}: ${summary}`,
    '',
    section(
      'Usage',
      usage.map(([call, what]): Row => [`cdk-streamer ${call}`, what]),
    ),
    '',
    section('Options', optionRows({ ...options, ...COMMON_OPTIONS })),
    ...(notes === undefined ? [] : ['', notes]),
  ].join('\n');
}

function optionRows(options: OptionTable): Row[] {
  return Object.entries(options).map(([name, { short, value, optional, help }]) => [
    `${short === undefined ? '' : `-${short}, `}--${name}${valuePart(value, optional)}`,
    help,
  ]);
}

function valuePart(value: string | undefined, optional = false): string {
  if (value === undefined) return '';
  return optional ? `[=${value}]` : ` ${value}`;
}

function section(title: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return [title, ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)].join('\n');
}
