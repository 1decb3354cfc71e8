import * as fs from 'node:fs';
import * as path from 'node:path';

/** Matches the folders that are not searched, because they contain no handlers. */
const SKIPPED = /^(\..*|node_modules|cdk\.out|dist|lib|build|coverage)$/;

/** Depth of the search. It is limited, because the search is only meant to find typing errors. */
const MAX_DEPTH = 3;
const MAX_FILES = 2_000;

/** Returns the module that the user probably meant, if the given path has no file. The module has the same name or a similar one. */
export function suggestFile(projectRoot: string, missing: string): string | undefined {
  const wanted = stemOf(missing);
  const near = modulesIn(path.dirname(missing), 0);
  const all = near.length < MAX_FILES ? modulesIn(projectRoot, MAX_DEPTH) : [];
  const same = [...near, ...all].find((file) => stemOf(file) === wanted);
  const found = same ?? near.find((file) => isSimilar(stemOf(file), wanted));
  return found && path.relative(projectRoot, found).split(path.sep).join('/');
}

const MODULE = /\.[cm]?[jt]sx?$/;

/** Returns the file's name without its extension, in lower case because some file systems ignore case. */
function stemOf(file: string): string {
  return path.basename(file).replace(MODULE, '').toLowerCase();
}

function modulesIn(folder: string, depth: number, found: string[] = []): string[] {
  for (const entry of entriesOf(folder)) {
    if (found.length >= MAX_FILES) break;
    const full = path.join(folder, entry.name);
    if (entry.isFile() && MODULE.test(entry.name)) found.push(full);
    if (entry.isDirectory() && depth > 0 && !SKIPPED.test(entry.name)) modulesIn(full, depth - 1, found);
  }
  return found;
}

function entriesOf(folder: string): fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

/** Returns the existing name that is most similar to a name that does not exist. Case is ignored. */
export function closest(wrong: string, names: Iterable<string>): string | undefined {
  const wanted = wrong.toLowerCase();
  const near = [...names].filter((name) => isSimilar(name.toLowerCase(), wanted));
  return near.sort((a, b) => distance(a.toLowerCase(), wanted) - distance(b.toLowerCase(), wanted))[0];
}

/** Whether at most two insertions, deletions or replacements of letters turn one string into the other. */
function isSimilar(one: string, other: string): boolean {
  return distance(one, other) <= Math.min(2, Math.floor(other.length / 3));
}

/** Levenshtein distance between two strings. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (let at = 0; at < other.length; at++) {
      next.push(Math.min(row[at + 1] + 1, next[at] + 1, row[at] + (letter === other[at] ? 0 : 1)));
    }
    row = next;
  }
  return row[other.length];
}
