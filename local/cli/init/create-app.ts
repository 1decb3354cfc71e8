import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

/** npm leaves a `.gitignore` out of packages, so the template's has another name. */
const RENAMED = new Map([['gitignore', '.gitignore']]);
/** What a folder may hold already. */
const HARMLESS = new Set(['.git', '.DS_Store']);
/** Packages that are published together, with one version. */
const OURS = ['cdk-streamer', 'cdk-streamer-client'];

export interface NewApp {
  readonly folder: string;
  readonly template: string;
  /** Of this package; the application asks for it or later. */
  readonly version: string;
}

/**
 * Makes an application from the template.
 *
 * @returns its files, relative to the folder
 * @throws Error when the folder holds something already
 */
export function createApp({ folder, template, version }: NewApp): string[] {
  refuseOccupied(folder);
  mkdirSync(folder, { recursive: true });
  cpSync(template, folder, { recursive: true });
  for (const [from, to] of RENAMED) renameSync(path.join(folder, from), path.join(folder, to));
  fillPackage(path.join(folder, 'package.json'), packageName(folder), version);
  return filesBelow(folder);
}

function refuseOccupied(folder: string): void {
  if (!existsSync(folder)) return;
  const [first] = readdirSync(folder).filter((name) => !HARMLESS.has(name));
  if (first !== undefined) {
    throw new Error(`the folder must be empty or new, got: ${folder} (it holds ${first})`);
  }
}

function fillPackage(file: string, name: string, version: string): void {
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string>>;
  for (const group of [manifest.dependencies, manifest.devDependencies]) {
    for (const own of OURS) if (group?.[own] !== undefined) group[own] = `^${version}`;
  }
  writeFileSync(file, `${JSON.stringify({ ...manifest, name }, undefined, 2)}\n`);
}

/** The folder's name as npm takes it. */
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
