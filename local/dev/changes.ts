import * as path from 'node:path';

const MODULE = /\.[mc]?[jt]sx?$|\.json$/;
/** Files that determine how modules are resolved and compiled. They are not in a bundle's inputs. */
const SETTINGS = /^(package|[jt]sconfig([.-].*)?)\.json$/;

/**
 * Whether a change at a path may change a bundle.
 *
 * @param changed absolute path. A folder represents all files in it.
 * @param inputs absolute paths of the bundle's files
 */
export function mayChange(changed: string, inputs: ReadonlySet<string>): boolean {
  if (inputs.has(changed) || SETTINGS.test(path.basename(changed))) return true;
  const inside = changed + path.sep;
  return [...inputs].some((input) => input.startsWith(inside) || mayShadow(changed, input));
}

/**
 * Whether a new file may replace an input. An import of `a` resolves to `a.ts` before `a.js` and before `a/index.ts`.
 */
function mayShadow(added: string, input: string): boolean {
  if (!MODULE.test(added)) return false;
  const stem = withoutExtension(added);
  return stem === withoutExtension(input) || stem === path.dirname(input);
}

function withoutExtension(file: string): string {
  return file.slice(0, file.length - path.extname(file).length);
}

/**
 * Returns the folders to watch for changes of the files. The result includes each folder above the files, up to the
 * root, because a whole folder may be replaced.
 */
export function foldersOf(files: Iterable<string>, root: string): Set<string> {
  const folders = new Set([root]);
  for (const file of files) {
    for (let folder = path.dirname(file); !folders.has(folder); folder = path.dirname(folder)) {
      folders.add(folder);
      if (!folder.startsWith(root + path.sep)) break;
    }
  }
  return folders;
}
