import * as path from 'node:path';

/** The package that contains a file. */
export interface PackageOfFile {
  readonly name: string;
  /** Folder of the package. It is relative if the file's path is relative. */
  readonly folder: string;
}

/** Returns the package that contains a file below a `node_modules` folder; undefined for files of the project. */
export function packageOf(file: string): PackageOfFile | undefined {
  const parts = file.split(/[\\/]/);
  const at = parts.lastIndexOf('node_modules');
  if (at < 0) return undefined;
  const length = parts[at + 1]?.startsWith('@') ? 2 : 1;
  const name = parts.slice(at + 1, at + 1 + length).join('/');
  return { name, folder: parts.slice(0, at + 1 + length).join(path.sep) };
}

/** Returns the package that an import names: `a` of `a/b`, `@c/d` of `@c/d/e`. */
export function packageOfSpecifier(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
