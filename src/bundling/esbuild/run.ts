import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { StreamerValidationError } from '../../validation/errors';
import type { Entry } from '../entry';
import { builtFile } from '../package-files';
import { packageOf, packageOfSpecifier } from '../packages/names';
import { type EsbuildMessage, type EsbuildResult, findEsbuild, withSparseCollection } from './esbuild';
import { type BuildSettings, codeFile, type EsbuildOptions, esbuildOptions, LOADERS, sourceMapOf } from './options';
import { type BundleOutput, outputOf } from './output';

export interface BuildResult {
  /** Results of the entries, by name. */
  readonly outputs: ReadonlyMap<string, BundleOutput>;
  /** Warnings, each with its position in the source. */
  readonly warnings: readonly string[];
}

/**
 * Bundles several entries in one run of esbuild. esbuild links each entry separately, so each result has the same bytes as after a separate run.
 *
 * During the run, the entries are in a temporary folder. Nothing is written into the user's project.
 */
export function buildTogether(
  projectRoot: string,
  entries: ReadonlyMap<string, Entry>,
  settings: BuildSettings,
): BuildResult {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-streamer-'));
  try {
    const files = [...entries.values()].map((entry, index) => {
      const file = path.join(folder, `${index}.js`);
      fs.writeFileSync(file, absolute(entry));
      return file;
    });
    const result = build(projectRoot, settings, {
      ...esbuildOptions(projectRoot, settings),
      entryPoints: files,
      outdir: path.join(projectRoot, '.streamer'),
      outbase: folder,
      ...(settings.bundling.format === 'esm' && { outExtension: { '.js': '.mjs' } }),
      ...sourceMapOptions(settings),
      write: false,
      metafile: true,
    });
    const outputs = [...entries.keys()].map((name, index) => {
      const code = path.join(projectRoot, '.streamer', `${index}${path.extname(codeFile(settings.bundling))}`);
      return [name, outputOf(projectRoot, result, { code, entry: files[index], bundling: settings.bundling })] as const;
    });
    return { outputs: new Map(outputs), warnings: result.warnings.map(withPlace) };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const absolute = (entry: Entry): string => entry((file) => file);

/**
 * Lets esbuild write the map next to the code. Streamer rewrites the paths in the map, and then moves the map to the location that the options
 * require.
 */
function sourceMapOptions({ bundling }: BuildSettings): EsbuildOptions {
  const { file, inline } = sourceMapOf(bundling);
  return file || inline ? { sourcemap: 'external', sourcesContent: bundling.sourcesContent ?? false } : {};
}

function build(projectRoot: string, { bundling }: BuildSettings, options: EsbuildOptions): EsbuildResult {
  return bundlingErrors(projectRoot, () =>
    bundling.preCompilation ? buildCompiled(projectRoot, options) : findEsbuild(projectRoot).buildSync({ ...options }),
  );
}

/** Runs esbuild with a plugin. esbuild runs in a separate process, because only esbuild's asynchronous interface accepts plugins. */
function buildCompiled(projectRoot: string, options: EsbuildOptions): EsbuildResult {
  const input = JSON.stringify({ projectRoot, options, from: [projectRoot, process.cwd(), __dirname] });
  const script = builtFile('local', 'build-compiled.js');
  const { stdout, stderr, error } = spawnSync(process.execPath, [script], { input, maxBuffer: 2 ** 30 });
  if (error) throw error;
  const answer = parse(stdout.toString()) as Answer | undefined;
  if (!answer) throw new StreamerValidationError(`\`preCompilation\` failed. ${stderr.toString().trim()}`);
  if (answer.failure) throw Object.assign(new Error(answer.failure.message), answer.failure);
  const outputFiles = answer.outputFiles.map(({ path: file, contents }) => ({
    path: file,
    contents: Buffer.from(contents, 'base64'),
  }));
  return { ...answer, outputFiles };
}

interface Answer extends Omit<EsbuildResult, 'outputFiles'> {
  readonly failure?: { readonly message: string };
  readonly outputFiles: readonly { readonly path: string; readonly contents: string }[];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withPlace({ text, location }: EsbuildResult['warnings'][number]): string {
  return location ? `${location.file}:${location.line}: ${text}` : text;
}

/**
 * Returns the names that a module exports. The module is not run, and its packages are not read. For a CommonJS module, the only name is `default`.
 */
export function exportsOf(projectRoot: string, file: string): string[] {
  const result = bundlingErrors(projectRoot, () =>
    findEsbuild(projectRoot).buildSync({
      entryPoints: [file],
      absWorkingDir: projectRoot,
      outfile: path.join(projectRoot, '.streamer', 'exports.js'),
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      loader: { ...LOADERS, '.node': 'empty' },
      write: false,
      metafile: true,
      logLevel: 'silent',
    }),
  );
  return Object.values(result.metafile?.outputs ?? {}).flatMap((output) => output.exports);
}

function bundlingErrors<T>(projectRoot: string, action: () => T): T {
  try {
    return withSparseCollection(action);
  } catch (error) {
    if (error instanceof StreamerValidationError) throw error;
    throw bundlingError(projectRoot, error as Error);
  }
}

/** Returns the error for a failed build. Its message names the option that fixes the failure, if there is one. */
function bundlingError(projectRoot: string, error: Error): StreamerValidationError {
  const messages = (error as { errors?: readonly EsbuildMessage[] }).errors ?? [];
  const remedies = [
    ...unresolvedRemedies(messages),
    ...new Set(messages.flatMap((message) => remedyOf(projectRoot, message) ?? [])),
  ];
  const text = [`A handler could not be bundled. ${error.message}`, ...remedies.map((remedy) => `\n${remedy}`)];
  return new StreamerValidationError(text.join('\n'), { cause: error });
}

const quoted = (names: Iterable<string>): string => [...names].map((name) => `'${name}'`).join(', ');

/** Returns a remedy for modules that are not installed. Many packages import optional modules. Each missing module is reported once. */
function unresolvedRemedies(messages: readonly EsbuildMessage[]): string[] {
  const missing = new Map<string, Set<string>>();
  for (const { text, location } of messages) {
    const [, specifier = ''] = /^Could not resolve "([^"]+)"/.exec(text) ?? [];
    const importer = location && packageOf(location.file)?.name;
    if (!importer || /^[./#]/.test(specifier) || specifier === '') continue;
    missing.set(importer, (missing.get(importer) ?? new Set()).add(packageOfSpecifier(specifier)));
  }
  if (missing.size === 0) return [];
  const loads = [...missing].map(([importer, names]) => `\`${importer}\` loads ${[...names].join(', ')}`);
  const all = new Set([...missing.values()].flatMap((names) => [...names]));
  return [
    `${loads.join('; ')}: this project has not installed them. Install those that the handler uses, and leave out the others: \`bundling: { externalModules: [${quoted(all)}] }\``,
  ];
}

function remedyOf(projectRoot: string, { text, location }: EsbuildMessage): string | undefined {
  const [, ending] = /^No loader is configured for "(\.[^"]+)" files/.exec(text) ?? [];
  if (ending !== undefined) return loaderRemedy(ending, location?.file ?? '');
  if (/top-level await/i.test(text)) {
    return "`await` at the top level of a module needs an ESM bundle: `bundling: { format: OutputFormat.ESM }` (a sync handler also needs `isolated: true`, or the option in the API's `bundling`)";
  }
  const [, specifier = ''] = /^Could not resolve "([^"]+)"/.exec(text) ?? [];
  if (specifier !== '' && !/^[./]/.test(specifier) && !packageOf(location?.file ?? '')) {
    return tsconfigRemedy(projectRoot, specifier);
  }
  return undefined;
}

function loaderRemedy(ending: string, importer: string): string {
  const owner = packageOf(importer);
  if (owner) {
    return `\`${owner.name}\` has files that cannot be bundled (${ending}): install it next to the bundle: \`bundling: { nodeModules: ['${owner.name}'] }\``;
  }
  if (ending === '.node') return "Copy native code next to the bundle: `bundling: { loader: { '.node': 'copy' } }`";
  return `Specify the result of importing such a file: \`bundling: { loader: { '${ending}': 'text' } }\`, or 'binary', 'json', 'copy'`;
}

/** Remedy for a path alias that only a tsconfig with another file name can resolve. */
function tsconfigRemedy(projectRoot: string, specifier: string): string | undefined {
  const [prefix] = specifier.split('/');
  const found = fs.readdirSync(projectRoot).filter((name) => /^tsconfig\..+\.json$/.test(name));
  const file = found.find((name) => fs.readFileSync(path.join(projectRoot, name), 'utf8').includes(`"${prefix}`));
  return file && `${file} has paths for \`${specifier}\`: \`bundling: { tsconfig: '${file}' }\``;
}
