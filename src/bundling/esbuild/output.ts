import * as fs from 'node:fs';
import * as path from 'node:path';
import type { StreamerBundlingOptions } from '../../options/streamer-bundling-options';
import { relativeTo } from '../entry';
import { PACKAGE_ROOT } from '../package-files';
import type { EsbuildResult } from './esbuild';
import { codeFile, ENTRY_NAME, sourceMapOf } from './options';

/** Result of one entry's build. */
export interface BundleOutput {
  /** Contents of the files by their paths in the function: the code, its source map, and files that loaders created. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Absolute paths of the modules in the bundle. */
  readonly modules: readonly string[];
  /** Modules that the bundle imports and does not contain. */
  readonly externals: readonly string[];
}

/** Paths of an entry and of its output file during the esbuild run. */
interface Place {
  readonly code: string;
  readonly entry: string;
  readonly bundling: StreamerBundlingOptions;
}

type Metafile = NonNullable<EsbuildResult['metafile']>;

/** Extracts one entry's part of an esbuild result, and removes paths of this machine. */
export function outputOf(projectRoot: string, { outputFiles, metafile }: EsbuildResult, place: Place): BundleOutput {
  const contents = new Map(outputFiles.map((file) => [file.path, file.contents]));
  const { inputs, imports } = (metafile as Metafile).outputs[keyOf(projectRoot, place.code)];
  const emitted = imports
    .map((each) => path.resolve(projectRoot, each.path))
    .filter((file) => contents.has(file))
    .map((file) => [path.basename(file), contents.get(file) as Uint8Array] as const);
  return {
    files: new Map([
      ...codeAndMap(projectRoot, contents, place),
      ...emitted,
      ...reportOf(projectRoot, metafile, place),
    ]),
    modules: Object.keys(inputs).map((name) => path.resolve(projectRoot, name)),
    externals: imports.filter(({ external }) => external).map((each) => each.path),
  };
}

const keyOf = (projectRoot: string, file: string): string => path.relative(projectRoot, file).split(path.sep).join('/');

function codeAndMap(
  projectRoot: string,
  contents: ReadonlyMap<string, Uint8Array>,
  place: Place,
): [name: string, contents: Uint8Array][] {
  const name = codeFile(place.bundling);
  const code = withoutPaths(projectRoot, contents.get(place.code) as Uint8Array, place);
  const { file, inline } = sourceMapOf(place.bundling);
  if (!file && !inline) return [[name, code]];
  const map = Buffer.from(rewriteMap(projectRoot, contents.get(`${place.code}.map`) as Uint8Array, place));
  const reference = `//# sourceMappingURL=data:application/json;base64,${map.toString('base64')}\n`;
  return [[name, inline ? Buffer.concat([code, Buffer.from(reference)]) : code], ...mapFile(name, map, file)];
}

/**
 * Removes machine paths from code that is not minified. esbuild writes module paths into comments, and the paths of modules outside the project
 * differ between checkouts.
 */
function withoutPaths(projectRoot: string, code: Uint8Array, { entry, bundling }: Place): Uint8Array {
  if (bundling.minify !== false) return code;
  const named = [
    [keyOf(projectRoot, entry), ENTRY_NAME],
    ...ownFolders().map((own) => [keyOf(projectRoot, own), OWN_NAME]),
  ];
  let text = Buffer.from(code).toString();
  for (const [found, name] of named) text = text.replaceAll(found, name);
  return Buffer.from(text);
}

const OWN_NAME = 'node_modules/cdk-streamer/lib';

let foundFolders: readonly string[] | undefined;

/**
 * Folders of this package, computed once. In an app in another language, jsii links this package from a cache, and esbuild reports the paths in the
 * cache.
 */
function ownFolders(): readonly string[] {
  foundFolders ??= findOwnFolders();
  return foundFolders;
}

function findOwnFolders(): string[] {
  const folder = path.join(PACKAGE_ROOT, 'lib');
  return fs.existsSync(folder) ? [folder, fs.realpathSync(folder)] : [folder];
}

const mapFile = (name: string, map: Buffer, wanted: boolean): [string, Buffer][] =>
  wanted ? [[`${name}.map`, map]] : [];

interface SourceMap {
  readonly sources: string[];
  readonly sourcesContent?: (string | null)[];
}

/**
 * Names the sources relative to the project's root. The map is then the same in each checkout, and stack traces show paths that the user recognizes.
 */
function rewriteMap(projectRoot: string, map: Uint8Array, place: Place): string {
  const { sources, sourcesContent, ...rest } = JSON.parse(Buffer.from(map).toString()) as SourceMap;
  const names = sources.map((source) => nameOf(projectRoot, path.dirname(place.code), source, place.entry));
  // The entry's content is left out: while esbuild ran, the entry named modules by their absolute paths.
  const contents = sourcesContent?.map((content, index) => (names[index] === ENTRY_NAME ? null : content));
  return JSON.stringify({ ...rest, sources: names, sourcesContent: contents });
}

/** Name of a module in source maps and reports. */
function nameOf(projectRoot: string, from: string, source: string, entry: string): string {
  const file = path.resolve(from, source);
  if (file === entry) return ENTRY_NAME;
  const own = ownFolders().map((folder) => path.relative(folder, file));
  const inside = own.find((found) => !found.startsWith('..') && !path.isAbsolute(found));
  if (inside !== undefined) return `${OWN_NAME}/${inside.split(path.sep).join('/')}`;
  return relativeTo(projectRoot)(file).replace(/^\.\//, '');
}

/** Content of `index.meta.json`: esbuild's report about one entry. */
function reportOf(
  projectRoot: string,
  metafile: EsbuildResult['metafile'],
  { code, entry, bundling }: Place,
): [name: string, contents: Uint8Array][] {
  if (!bundling.metafile || !metafile) return [];
  const name = (input: string) => nameOf(projectRoot, projectRoot, input, entry);
  const output = metafile.outputs[keyOf(projectRoot, code)];
  const inputs = Object.keys(output.inputs).map((input) => [name(input), metafile.inputs[input]] as const);
  const own = Object.entries(output.inputs).map(([input, part]) => [name(input), part] as const);
  const report = {
    inputs: Object.fromEntries(inputs.map(([key, input]) => [key, inputReport(key, input as { bytes: number })])),
    // Leaves out the sizes of outputs that contain paths of this machine.
    outputs: {
      [codeFile(bundling)]: { ...output, bytes: undefined, entryPoint: ENTRY_NAME, inputs: Object.fromEntries(own) },
    },
  };
  return [['index.meta.json', Buffer.from(JSON.stringify(report))]];
}

const inputReport = (name: string, { bytes }: { readonly bytes: number }): { readonly bytes?: number } =>
  name === ENTRY_NAME ? {} : { bytes };
