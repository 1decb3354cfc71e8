import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { addOwnPackages, type OwnPackages } from './own-packages';

/** New names of files. npm leaves a `.gitignore` out of packages, so the file has another name in the template. */
const RENAMED = new Map([['gitignore', '.gitignore']]);
/** Files that the folder of a new application may contain already. */
const HARMLESS = new Set(['.git', '.DS_Store']);

export interface NewApp {
  readonly folder: string;
  readonly template: string;
  /** Source from which the application installs this project's packages. */
  readonly own: OwnPackages;
  /** Feature flags of the CDK. @default - those of the template */
  readonly flags?: Readonly<Record<string, unknown>>;
}

/**
 * Creates an application from the template.
 *
 * @returns the files of the application, relative to the folder
 * @throws Error if the folder is not empty
 */
export function createApp({ folder, template, own, flags }: NewApp): string[] {
  refuseOccupied(folder);
  mkdirSync(folder, { recursive: true });
  cpSync(template, folder, { recursive: true });
  for (const [from, to] of RENAMED) renameSync(path.join(folder, from), path.join(folder, to));
  fillPackage(folder, addOwnPackages(own, folder));
  if (flags !== undefined) edit(path.join(folder, 'cdk.json'), (cdk: object) => ({ ...cdk, context: flags }));
  return filesBelow(folder);
}

function refuseOccupied(folder: string): void {
  if (!existsSync(folder)) return;
  const [first] = readdirSync(folder).filter((name) => !HARMLESS.has(name));
  if (first !== undefined) {
    throw new Error(`the folder must be empty or new, got: ${folder} (it contains ${first})`);
  }
}

type Manifest = Record<string, Record<string, string>>;

function fillPackage(folder: string, own: ReadonlyMap<string, string>): void {
  const filled = (group: Record<string, string> = {}) =>
    Object.fromEntries(Object.entries(group).map(([name, range]) => [name, own.get(name) ?? range]));
  edit(path.join(folder, 'package.json'), (manifest: Manifest) => ({
    ...manifest,
    name: packageName(folder),
    dependencies: filled(manifest.dependencies),
    devDependencies: filled(manifest.devDependencies),
  }));
}

function edit<T extends object>(file: string, change: (json: T) => object): void {
  const json = JSON.parse(readFileSync(file, 'utf8')) as T;
  writeFileSync(file, `${JSON.stringify(change(json), undefined, 2)}\n`);
}

/** Converts the folder's name to a package name that npm accepts. */
function packageName(folder: string): string {
  const name = path
    .basename(path.resolve(folder))
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[^a-z0-9]+|-+$/g, '');
  return name === '' ? 'streamer-app' : name;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith('.git/'))
    .sort();
}
