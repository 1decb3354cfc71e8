import * as fs from 'node:fs';
import * as path from 'node:path';
import { Token } from 'aws-cdk-lib';
import { refusal, reject, StreamerValidationError } from '../validation/errors';
import { suggestFile } from '../validation/suggest';

/** Extensions that a schema module next to its handler may have. */
const MODULE_EXTENSIONS = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'];

/** Returns the base folder of relative paths: `given`, otherwise the folder of the nearest package.json above `cwd`, otherwise `cwd`. */
export function findProjectRoot(given: string | undefined, cwd = process.cwd()): string {
  if (given === undefined) return nearestPackage(cwd) ?? cwd;
  if (Token.isUnresolved(given)) {
    reject('projectRoot', 'be known when the app is synthesized', 'a path that is known only at deployment');
  }
  const root = path.resolve(cwd, given);
  if (!fs.statSync(root, { throwIfNoEntry: false })?.isDirectory()) {
    throw new StreamerValidationError(`\`projectRoot\` must be a folder, got: '${given}' (resolved to ${root})`);
  }
  return root;
}

function nearestPackage(from: string): string | undefined {
  if (fs.existsSync(path.join(from, 'package.json'))) return from;
  const parent = path.dirname(from);
  return parent === from ? undefined : nearestPackage(parent);
}

/** Resolves the path of a module that a property names. */
export function resolveModule(prop: string, projectRoot: string, file: string): string {
  if (Token.isUnresolved(file))
    reject(prop, 'be known when the app is synthesized', 'a path that is known only at deployment');
  const resolved = path.resolve(projectRoot, file);
  if (isFile(resolved)) return resolved;
  const meant = suggestFile(projectRoot, resolved);
  const text = `${refusal(prop, 'name a file', file)} (resolved to ${resolved})`;
  throw new StreamerValidationError(meant ? `${text}. Did you mean ${meant}?` : text);
}

/** Resolves the path of a file or folder that a property names. */
export function resolveExisting(prop: string, projectRoot: string, name: string): string {
  const resolved = path.resolve(projectRoot, name);
  if (fs.existsSync(resolved)) return resolved;
  throw new StreamerValidationError(`${refusal(prop, 'name files or folders', name)} (resolved to ${resolved})`);
}

/** Returns the path of the module `x.schema.*` next to the handler `x.*`, if it exists. */
export function findSchema(handlerFile: string): string | undefined {
  const { dir, name } = path.parse(handlerFile);
  return MODULE_EXTENSIONS.map((extension) => path.join(dir, `${name}.schema${extension}`)).find(isFile);
}

function isFile(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
