import * as fs from 'node:fs';
import * as path from 'node:path';
import { findProjectRoot } from '../bundling/project';
import { HandlerMode } from '../options/streamer-handler-options';
import { reject } from '../validation/errors';
import { refuseToken } from '../validation/rules';

/** A handler's module, and the action and mode that its file name states. */
export interface FoundHandler {
  readonly action: string;
  readonly mode: HandlerMode;
  /** Absolute path. */
  readonly file: string;
}

const MODULE = /^(?<name>.+)\.[cm]?[jt]sx?$/;
/** Schemas, tests, declarations, and files that start with `_` or `.` are not handlers. */
const NO_HANDLER = /^[_.]|\.(schema|test|spec|d)\.[cm]?[jt]sx?$/;

/**
 * Returns the handlers of the modules in a folder, sorted by action. Subfolders are ignored, because they hold code that handlers share.
 *
 * @param mode mode of files without `.sync` or `.async` before their extension
 */
export function findHandlers(folder: unknown, projectRoot: string | undefined, mode: HandlerMode): FoundHandler[] {
  if (typeof folder !== 'string' || folder === '') {
    reject('directory', 'be the path of a folder', folder, "For example 'handlers', from the project's root");
  }
  refuseToken('directory', folder);
  const full = path.resolve(findProjectRoot(projectRoot), folder as string);
  if (!fs.statSync(full, { throwIfNoEntry: false })?.isDirectory()) {
    reject('directory', 'name a folder', `${folder} (resolved to ${full})`);
  }
  const found = fs
    .readdirSync(full, { withFileTypes: true })
    .filter((entry) => entry.isFile() && MODULE.test(entry.name) && !NO_HANDLER.test(entry.name))
    .map(({ name }) => handlerOf(full, name, mode))
    .sort((a, b) => (a.action < b.action ? -1 : 1));
  if (found.length === 0) reject('directory', 'contain at least one handler module', `${folder} (${full})`);
  refuseTwins(found);
  return found;
}

function handlerOf(folder: string, fileName: string, byDefault: HandlerMode): FoundHandler {
  const stem = MODULE.exec(fileName)?.groups?.name ?? fileName;
  const [, action = stem, said] = /^(.+)\.(sync|async)$/.exec(stem) ?? [];
  const mode = said === undefined ? byDefault : said === 'sync' ? HandlerMode.SYNC : HandlerMode.ASYNC;
  return { action, mode, file: path.join(folder, fileName) };
}

function refuseTwins(found: readonly FoundHandler[]): void {
  const twin = found.find(({ action }, at) => at > 0 && found[at - 1].action === action);
  if (!twin) return;
  const files = found.filter(({ action }) => action === twin.action).map(({ file }) => path.basename(file));
  reject(
    'directory',
    'contain only one module per action',
    files.join(', '),
    `All of them are named \`${twin.action}\``,
  );
}
