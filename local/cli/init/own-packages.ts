import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { UsageError } from '../arguments';

/** This project's packages. They are published together, with the same version. */
const OWN = ['cdk-streamer', 'cdk-streamer-client'] as const;
/** The version of the sources, which does not exist in the npm registry. */
const UNPUBLISHED = '0.0.0';
/** Folder of a clone to which `npm run pack` writes the packages. */
const PACKED = 'dist/packages';
/** Folder in a new application for packages that were copied from disk. */
const KEPT = 'packages';

/** Source of this project's packages for a new application: the npm registry, or files on disk. */
export type OwnPackages =
  | { readonly kind: 'registry'; readonly version: string }
  | { readonly kind: 'files'; readonly files: readonly { readonly name: string; readonly file: string }[] };

/**
 * Selects the registry or packages on disk.
 *
 * @param folder folder with the packages. If it is undefined, the published package uses the registry; a build of the
 * sources uses the packages that `npm run pack` created.
 * @throws UsageError if the packages are missing
 */
export function findOwnPackages(root: string, version: string, folder?: string): OwnPackages {
  if (folder !== undefined)
    return { kind: 'files', files: OWN.map((name) => ({ name, file: packageIn(folder, name) })) };
  if (version !== UNPUBLISHED) return { kind: 'registry', version };
  const packed = path.join(root, PACKED);
  if (existsSync(packed)) return findOwnPackages(root, version, packed);
  throw new UsageError(
    'this cdk-streamer is built from its sources, and the registry does not have it: run `npm run pack` in its ' +
      'repository, and pass the folder that it writes with --packages',
  );
}

function packageIn(folder: string, name: string): string {
  const pattern = new RegExp(`^${name}-\\d+\\.\\d+\\.\\d+.*\\.tgz$`);
  const found = existsSync(folder) ? readdirSync(folder).filter((file) => pattern.test(file)) : [];
  const [file] = found;
  if (file !== undefined && found.length === 1) return path.join(folder, file);
  const what = found.length === 0 ? 'no package' : `${found.length} packages`;
  throw new UsageError(
    `--packages must name a folder with one package ${name}-<version>.tgz, got: ${what} in ${folder}`,
  );
}

/**
 * Copies packages from disk into an application, so that it does not depend on their original folder.
 *
 * @returns version specifiers for the application's package.json, by package name
 */
export function addOwnPackages(own: OwnPackages, app: string): ReadonlyMap<string, string> {
  if (own.kind === 'registry') return new Map(OWN.map((name) => [name, `^${own.version}`]));
  mkdirSync(path.join(app, KEPT), { recursive: true });
  return new Map(
    own.files.map(({ name, file }) => {
      const kept = `${KEPT}/${path.basename(file)}`;
      cpSync(file, path.join(app, kept));
      return [name, `file:${kept}`];
    }),
  );
}
