import * as fs from 'node:fs';
import * as path from 'node:path';
import { reject, StreamerValidationError } from '../../validation/errors';

/** Package managers by the names of their lock files. */
const MANAGERS = {
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
} as const;

export type PackageManager = (typeof MANAGERS)[keyof typeof MANAGERS];

/** The lock file that pins a project's packages. */
export interface LockFile {
  readonly file: string;
  readonly manager: PackageManager;
}

/** Finds the nearest lock file: in the project's root or in a folder above, for example that of a workspace. */
export function findLockFile(projectRoot: string): LockFile {
  for (let folder = projectRoot; ; folder = path.dirname(folder)) {
    for (const [name, manager] of Object.entries(MANAGERS)) {
      const file = path.join(folder, name);
      if (fs.existsSync(file)) return { file, manager };
    }
    if (folder === path.dirname(folder)) break;
  }
  const remedy = 'Create one with `npm install`, or the command of your package manager';
  return reject('bundling.nodeModules', 'come with a lock file, which pins their versions', projectRoot, remedy);
}

/** Files that must be in the folder in which packages are installed. */
export interface Installation {
  readonly manifest: { readonly dependencies: Readonly<Record<string, string>> };
  readonly lock: string | Buffer;
}

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

/** Returns the files that install the modules in exactly the versions of the lock file. For npm, the lock file is reduced to these modules. */
export function installationOf(
  projectRoot: string,
  { file, manager }: LockFile,
  modules: readonly string[],
): Installation {
  if (manager !== 'npm') {
    return { manifest: { dependencies: rangesOf(projectRoot, modules) }, lock: fs.readFileSync(file) };
  }
  const lock = JSON.parse(fs.readFileSync(file, 'utf8')) as { packages?: Record<string, LockedPackage> };
  if (!lock.packages) {
    const remedy = 'Write it again with npm 7 or later: `npm install`';
    return reject('bundling.nodeModules', 'come with a lock file of version 2 or 3', file, remedy);
  }
  const root = path.dirname(file);
  const workspace = path.relative(root, projectRoot).split(path.sep).join('/');
  const packages = flatten(lock.packages, workspace, root);
  const dependencies = Object.fromEntries(modules.map((name) => [name, versionOf(packages, name, file)]));
  const cut = { lockfileVersion: 3, requires: true, packages: { '': { dependencies }, ...packages } };
  return { manifest: { dependencies }, lock: JSON.stringify(cut) };
}

/**
 * Returns the packages as the project resolves them. In a workspace, the packages in the project's own folder take precedence over those of the
 * workspace.
 */
function flatten(
  packages: Readonly<Record<string, LockedPackage>>,
  workspace: string,
  root: string,
): Record<string, LockedPackage> {
  const shared: Record<string, LockedPackage> = {};
  const own: Record<string, LockedPackage> = {};
  for (const [name, locked] of Object.entries(packages)) {
    const { dev: _, devOptional: __, ...each } = locked as LockedPackage & { dev?: boolean; devOptional?: boolean };
    const placed = each.resolved?.startsWith('file:')
      ? { ...each, resolved: `file:${path.resolve(root, each.resolved.slice('file:'.length))}` }
      : each;
    if (name.startsWith('node_modules/')) shared[name] = placed;
    else if (workspace !== '' && name.startsWith(`${workspace}/node_modules/`)) {
      own[name.slice(workspace.length + 1)] = placed;
    }
  }
  return { ...shared, ...own };
}

function versionOf(packages: Readonly<Record<string, LockedPackage>>, name: string, file: string): string {
  const { version, resolved, link } = packages[`node_modules/${name}`] ?? {};
  if (link || resolved?.startsWith('file:')) return resolved as string;
  return (
    version ?? reject('bundling.nodeModules', `be in the lock file ${file}`, name, `Install it: npm install ${name}`)
  );
}

/** Returns the version ranges that the project's package.json requests. The lock file next to them determines the exact versions. */
function rangesOf(projectRoot: string, modules: readonly string[]): Record<string, string> {
  const { dependencies, devDependencies, peerDependencies, optionalDependencies } = JSON.parse(
    fs.readFileSync(path.join(projectRoot, 'package.json'), 'utf8'),
  );
  const all = { ...peerDependencies, ...devDependencies, ...optionalDependencies, ...dependencies };
  return Object.fromEntries(modules.map((name) => [name, all[name] ?? installedVersion(projectRoot, name)]));
}

function installedVersion(projectRoot: string, name: string): string {
  try {
    const manifest = require.resolve(`${name}/package.json`, { paths: [projectRoot] });
    return JSON.parse(fs.readFileSync(manifest, 'utf8')).version;
  } catch {
    throw new StreamerValidationError(
      `\`bundling.nodeModules\` must be dependencies of ${projectRoot}, got: '${name}'`,
    );
  }
}
