import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCommandLine } from '../../../local/cli/arguments';
import { COMMANDS } from '../../../local/cli/commands';
import { piecesOf, ROOT } from './pages';

export interface Command {
  readonly line: number;
  readonly text: string;
}

/** Returns the commands of a page's `sh` and `bash` blocks, without comments. Continued lines are joined. */
export function commandsOf(page: string): Command[] {
  return piecesOf(page).flatMap((piece) => {
    if (piece.kind !== 'fence' || !/^(sh|bash|shell|console)$/.test(piece.language)) return [];
    const lines = piece.text.replace(/\\\n/g, ' \n').split('\n');
    return joined(lines, piece.line + 1);
  });
}

function joined(lines: readonly string[], first: number): Command[] {
  const commands: { line: number; text: string }[] = [];
  let open = false;
  for (const [index, raw] of lines.entries()) {
    const text = withoutComment(raw).replace(/^\$ /, '');
    const last = commands.at(-1);
    if (open && last) last.text += text;
    else if (text.trim() !== '') commands.push({ line: first + index, text });
    open = raw.endsWith(' ') && raw !== raw.trimEnd();
  }
  return commands.flatMap(({ line, text }) =>
    text.split(/&&|\|\||(?<!\|)\|(?!\|)|;(?=\s)/).map((part) => ({ line, text: part.trim().replace(/\s+/g, ' ') })),
  );
}

const withoutComment = (line: string): string =>
  line.replace(/(^|\s)#\s.*$/, '$1').replace(/\s+$/, (end) => end.slice(0, 1));

/** Returns the mistake in a command that the documentation shows, if there is one. */
export function mistakeOf(text: string): string | undefined {
  const inner = /^eval "\$\((.*)\)"$/.exec(text)?.[1];
  if (inner !== undefined) return mistakeOf(inner);
  const [name, ...args] = words(text.replace(/^(?:[A-Z_]+=\S* )+/, ''));
  if (name === 'npm') return npm(args);
  if (name === 'npx') return npx(args);
  return TOOLS.has(name) ? undefined : `no command that the documentation may use: ${name}`;
}

/** Commands of a shell or of other tools, which are not checked further. */
const TOOLS = new Set([
  'cd',
  'mkdir',
  'cat',
  'curl',
  'aws',
  'git',
  'docker',
  'export',
  'echo',
  'kill',
  'node',
  'jq',
  'pip',
]);

const words = (text: string): string[] =>
  [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare);

const manifest = (folder = '') => JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));

/** The application that `cdk-streamer init` creates; its scripts are shown, too. */
const NEW_APP = 'templates/app';

const OWN = ['cdk-streamer', 'cdk-streamer-client'];
/** Packages that a user's project has in addition; our own development does not need them. */
const OTHERS = ['vitest', 'ts-node'];

function npm([command, ...args]: string[]): string | undefined {
  if (['ci', 'test', 'start', 'init', 'pack'].includes(command)) return undefined;
  if (command === 'run') {
    const scripts = { ...manifest(NEW_APP).scripts, ...manifest().scripts };
    return args[0] in scripts ? undefined : `no package.json has a script ${args[0]}`;
  }
  if (command !== 'i' && command !== 'install') return `npm ${command} is unknown to this test`;
  const { devDependencies, peerDependencies } = manifest();
  const known = [...OWN, ...OTHERS, ...Object.keys({ ...devDependencies, ...peerDependencies })];
  const unknown = args.filter((arg) => !arg.startsWith('-') && !arg.startsWith('.') && !known.includes(arg));
  return unknown.length > 0 ? `installs what this project does not know: ${unknown.join(', ')}` : undefined;
}

function npx([program, ...args]: string[]): string | undefined {
  if (program === 'cdk-streamer') return ownCommand(args);
  return existsSync(join(ROOT, 'node_modules/.bin', program)) || OTHERS.includes(program)
    ? undefined
    : `${program} is not installed here`;
}

function ownCommand(args: readonly string[]): string | undefined {
  try {
    readCommandLine(
      args.map((arg) => arg.replace(/^<(.*)>$/, '$1')),
      COMMANDS,
    );
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
