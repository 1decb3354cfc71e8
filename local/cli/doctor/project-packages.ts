import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';

/** Version of a package that the project's modules import, or undefined if it is not installed. */
export function installedVersion(name: string, project: string): string | undefined {
  const folder = installedFolder(name, project);
  if (folder === undefined) return undefined;
  return (JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version?: string }).version;
}

/**
 * Real path of a package's folder, as modules of a project or of another package find it. Undefined if the package is
 * not installed.
 */
export function installedFolder(name: string, from: string): string | undefined {
  const require = createRequire(path.join(from, 'package.json'));
  const folder = (require.resolve.paths(name) ?? [])
    .map((modules) => path.join(modules, name))
    .find((candidate) => existsSync(path.join(candidate, 'package.json')));
  return folder === undefined ? undefined : realpathSync(folder);
}
