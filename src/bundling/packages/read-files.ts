import * as fs from 'node:fs';
import * as path from 'node:path';

const STRING = `(['"\`])((?:(?!\\1)[^\\n\\\\$]){1,200})\\1`;
const HERE = '(?:__dirname|import\\.meta\\.dirname)';

/** Expressions that name a file next to a module. The last group of each match is the relative path. */
const PATTERNS = [
  // matches new URL('./x', import.meta.url)
  new RegExp(`new URL\\(\\s*${STRING}\\s*,\\s*import\\.meta\\.url`, 'g'),
  // matches __dirname + '/x'
  new RegExp(`${HERE}\\s*\\+\\s*${STRING}`, 'g'),
  // matches require.resolve('./x')
  new RegExp(`require\\.resolve\\(\\s*${STRING}`, 'g'),
];

/** Matches join(__dirname, 'a', 'b'). */
const JOINED = new RegExp(
  `\\b(?:join|resolve)\\(\\s*${HERE}((?:\\s*,\\s*(?:'[^'\\n]*'|"[^"\\n]*"|\`[^\`$\\n]*\`))+)`,
  'g',
);

/** Matches \`${__dirname}/x\`. */
const TEMPLATE = new RegExp(`\\$\\{${HERE}\\}([\\w./@ -]{1,200})\``, 'g');

/**
 * Returns the absolute paths of existing files and folders that a module names by constant paths relative to itself. The module is searched, not run.
 */
export function filesReadBy(file: string): string[] {
  const source = read(file);
  if (!/__dirname|import\.meta|require\.resolve/.test(source)) return [];
  const named = [
    ...PATTERNS.flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[2])),
    ...[...source.matchAll(JOINED)].map(([, list]) => path.posix.join(...stringsOf(list))),
    ...[...source.matchAll(TEMPLATE)].map(([, rest]) => rest),
  ];
  const targets = named.filter(isBelow).map((name) => path.join(path.dirname(file), name));
  return [...new Set(targets)].filter((target) => target !== path.dirname(file) && isData(target));
}

/** Matches calls that read a path relative to the working directory: readFileSync('x'). */
const READ = new RegExp(`\\b(?:readFile|readdir|createReadStream)(?:Sync)?\\(\\s*${STRING}`, 'g');

/** Matches join(process.cwd(), 'a', 'b'). */
const FROM_CWD = new RegExp(JOINED.source.replace(HERE, 'process\\.cwd\\(\\)'), 'g');

/**
 * Returns existing files and folders that a module reads by constant paths relative to the working directory. The returned paths are relative to the
 * project's root.
 */
export function filesReadFromCwd(projectRoot: string, file: string): string[] {
  const source = read(file);
  const named = [
    ...[...source.matchAll(READ)].map((match) => match[2]),
    ...[...source.matchAll(FROM_CWD)].map(([, list]) => path.posix.join(...stringsOf(list))),
  ];
  const relative = named.filter((name) => !path.isAbsolute(name)).map((name) => path.posix.normalize(name));
  return [...new Set(relative)].filter((name) => name !== '.' && isData(path.join(projectRoot, name)));
}

const stringsOf = (list: string): string[] =>
  [...list.matchAll(/'([^']*)'|"([^"]*)"|`([^`]*)`/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');

/** Whether a string names a file next to the module, and not a package. */
const isBelow = (name: string): boolean => /^[./]/.test(name) || /\.\w+$/.test(name) || !name.includes(':');

/** Whether the path is an existing file other than a package.json. Modules seldom read their own package.json, and usually need only its version. */
const isData = (target: string): boolean => fs.existsSync(target) && path.basename(target) !== 'package.json';

function read(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
