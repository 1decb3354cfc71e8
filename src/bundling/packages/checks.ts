import * as fs from 'node:fs';
import * as path from 'node:path';
import { reject } from '../../validation/errors';
import type { BundleOutput } from '../esbuild/output';
import { packageOf } from './names';
import { filesReadBy, filesReadFromCwd } from './read-files';

const READS_FILES = 'reads files next to its code';

/** Reason why a package does not work in a bundle. */
interface Unbundled {
  readonly why: string;
  /** Another thing that must be installed or run, as a part of the error message. For example, a driver that the package loads by a computed name. */
  readonly and?: string;
  /** Package to install instead; the default is the package itself. */
  readonly install?: string;
  /** Matches the paths of modules in the package that do work in a bundle. */
  readonly works?: RegExp;
}

/** Packages that do not work in a bundle. */
const UNBUNDLED: { readonly [name: string]: Unbundled } = {
  // output of `prisma generate` with the generator `prisma-client-js`
  '.prisma': {
    why: 'loads its engine from a file next to its code',
    install: '@prisma/client',
    and: 'a command of `commandHooks` that generates the client there; the generator `prisma-client` creates a client that can be bundled',
  },
  ...native('sharp', 'bcrypt', 'argon2', 'better-sqlite3', 'sqlite3', 'canvas', 'skia-canvas', 'node-canvas', 'libsql'),
  ...native('@napi-rs/canvas', '@node-rs/argon2', '@node-rs/bcrypt', 'onnxruntime-node', 'isolated-vm', 'zeromq'),
  ...readsFiles('jsdom', 'tesseract.js', 'puppeteer', 'puppeteer-core', 'playwright', 'playwright-core'),
  ...readsFiles('@sparticuz/chromium', 'swagger-ui-dist', 'geoip-lite'),
  // the builds for browsers contain the fonts, so they can be bundled
  pdfkit: { why: READS_FILES, works: /^js\/pdfkit\.(browser|standalone)\b/ },
  // the handler passes the WebAssembly module to `tiktoken/init` and `tiktoken/lite/init`, so these can be bundled
  tiktoken: { why: READS_FILES, works: /^(?!(lite\/)?tiktoken\.cjs$)/ },
  sequelize: { why: 'loads the driver by a name that it computes', and: 'the driver, such as `pg`' },
  typeorm: { why: 'loads the driver by a name that it computes', and: 'the driver, such as `pg`' },
};

function native(...names: string[]) {
  return Object.fromEntries(names.map((name) => [name, { why: 'has native code' }]));
}

function readsFiles(...names: string[]) {
  return Object.fromEntries(names.map((name) => [name, { why: READS_FILES }]));
}

/**
 * Refuses packages that are known not to work in a bundle.
 *
 * @param action action of the bundle's handler; undefined for bundles of several handlers
 */
export function refuseUnbundled(action: string | undefined, { modules }: Pick<BundleOutput, 'modules'>): void {
  const found = [...new Set(modules.flatMap(unbundledOf))];
  if (found.length === 0) return;
  const prop = action === undefined ? 'handlers' : `handlers.${action}`;
  const got = found.map((name) => `${name}, which ${UNBUNDLED[name].why}`).join('; ');
  const drivers = found.flatMap((name) => UNBUNDLED[name].and ?? []);
  const quoted = found.map((name) => `'${UNBUNDLED[name].install ?? name}'`).join(', ');
  const together = drivers.length > 0 ? `, together with ${drivers[0]}` : '';
  const remedy = `Install it next to the bundle: \`bundling: { nodeModules: [${quoted}] }\`${together}. If a layer contains it, use \`externalModules\``;
  reject(prop, 'import packages that work in a bundle', got, remedy);
}

/** Returns the name of a module's package, if the package cannot be bundled. */
function unbundledOf(file: string): string[] {
  const owner = packageOf(file);
  if (!owner || !Object.hasOwn(UNBUNDLED, owner.name)) return [];
  const inside = path.relative(owner.folder, file).split(path.sep).join('/');
  return UNBUNDLED[owner.name].works?.test(inside) ? [] : [owner.name];
}

/** Packages that other packages use to load native code. */
const LOADERS_OF_NATIVE_CODE = ['bindings', 'node-gyp-build', 'node-gyp-build-optional-packages', 'prebuild-install'];

/** Returns one sentence for each file that the bundle's modules would read from their own folder, and for native code that they would load. */
export function findUnbundled(
  projectRoot: string,
  { modules }: Pick<BundleOutput, 'modules'>,
  assets: readonly string[],
): string[] {
  const read = new Map<string, Set<string>>();
  const own: string[] = [];
  for (const file of modules) {
    const owner = packageOf(file);
    if (!owner) own.push(...readsFromCwd(projectRoot, file, assets));
    for (const target of filesReadBy(file)) {
      if (owner) read.set(owner.name, (read.get(owner.name) ?? new Set()).add(path.basename(target)));
      else if (!assets.some((asset) => isWithin(target, asset))) own.push(ownFile(projectRoot, file, target));
    }
  }
  return [...nativeCode(modules), ...[...read].map(([name, files]) => packageFiles(name, [...files])), ...own];
}

/**
 * Returns a sentence for each file that a module reads relative to the working directory. In the function, that directory is the folder of its code,
 * so the file must be an asset with the same path.
 */
function readsFromCwd(projectRoot: string, file: string, assets: readonly string[]): string[] {
  const from = path.relative(projectRoot, file).split(path.sep).join('/');
  return filesReadFromCwd(projectRoot, file)
    .filter((name) => name.includes('/') || !assets.includes(path.join(projectRoot, name)))
    .map(
      (name) =>
        `${from} reads ${name} relative to the working directory, which differs in the function: read it relative to \`__dirname\` (in ESM \`import.meta.dirname\`), with \`bundling: { assets: ['${name}'] }\``,
    );
}

const isWithin = (file: string, folder: string): boolean => file === folder || file.startsWith(folder + path.sep);

function ownFile(projectRoot: string, file: string, target: string): string {
  const [from, to] = [file, target].map((each) => path.relative(projectRoot, each).split(path.sep).join('/'));
  return `${from} reads ${to}, which is not in the function: \`bundling: { assets: ['${to}'] }\``;
}

function packageFiles(name: string, files: readonly string[]): string {
  const shown = files.slice(0, 3).join(', ');
  return `\`${name}\` refers to files next to its code (${shown}), which are not in the bundle: if it needs them, \`bundling: { nodeModules: ['${name}'] }\``;
}

function nativeCode(modules: readonly string[]): string[] {
  const folders = new Map(modules.flatMap((file) => folderOf(file)));
  return [...folders]
    .filter(([name, folder]) => !LOADERS_OF_NATIVE_CODE.includes(name) && loadsNativeCode(folder))
    .map(
      ([name]) =>
        `\`${name}\` has native code, which is not in the bundle: if it needs it, \`bundling: { nodeModules: ['${name}'] }\``,
    );
}

function folderOf(file: string): [name: string, folder: string][] {
  const owner = packageOf(file);
  return owner ? [[owner.name, owner.folder]] : [];
}

function loadsNativeCode(folder: string): boolean {
  const { dependencies = {}, gypfile, napi } = manifestOf(folder);
  return gypfile === true || napi !== undefined || LOADERS_OF_NATIVE_CODE.some((name) => name in dependencies);
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly gypfile?: boolean;
  readonly napi?: unknown;
}

function manifestOf(folder: string): Manifest {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
  } catch {
    return {};
  }
}
