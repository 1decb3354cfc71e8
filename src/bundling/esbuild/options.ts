import * as path from 'node:path';
import { Charset, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { StreamerBundlingOptions } from '../../options/streamer-bundling-options';
import { type Entry, relativeTo } from '../entry';
import { builtFile } from '../package-files';
import { parseEsbuildArgs } from './args';

const RUNTIMES = ['router', 'dispatcher', 'processor', 'isolated', 'remote', 'submitter', 'topics'] as const;

/** Name of a part of the runtime, which an entry imports as `cdk-streamer:runtime/<name>`. */
export type Runtime = (typeof RUNTIMES)[number];

/** File name of a part of the runtime. This package's build bundles the part; synthesis only copies the file next to the bundle. */
export const runtimeFile = (name: Runtime): string => `streamer-${name}.js`;

/** Options of esbuild's JavaScript interface that JSON can represent. */
export type EsbuildOptions = Readonly<Record<string, unknown>>;

/** Settings of a group of bundles: the user's options and the target, which follows from the functions' runtime. */
export interface BuildSettings {
  readonly bundling: StreamerBundlingOptions;
  /** esbuild's target, for example `node24`. */
  readonly target: string;
}

/** Banners and definitions, by output format. They define `__dirname`, `require` and `import.meta` in both formats. */
const FORMATS = {
  cjs: {
    banner: "const __streamerUrl = require('node:url').pathToFileURL(__filename).href;",
    define: {
      'import.meta.url': '__streamerUrl',
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
    },
  },
  esm: {
    banner:
      "import { createRequire as __streamerRequire } from 'node:module'; const require = __streamerRequire(import.meta.url);",
    define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
  },
} as const;

/** Name of the file with a bundle's code. Lambda's handler string `index.handler` finds both `index.js` and `index.mjs`. */
export const codeFile = ({ format }: StreamerBundlingOptions): string =>
  format === OutputFormat.ESM ? 'index.mjs' : 'index.js';

/**
 * Options of a build, without its entries and its output folder. With the default format and main fields, functions that use the AWS SDK start
 * fastest.
 */
export function esbuildOptions(projectRoot: string, { bundling, target }: BuildSettings): EsbuildOptions {
  const { alias, ...args } = parseEsbuildArgs(bundling.esbuildArgs ?? {});
  const format = bundling.format ?? OutputFormat.CJS;
  const { banner, define } = FORMATS[format];
  const { alias: own, external } = resolution();
  return {
    legalComments: 'none',
    logLimit: 0,
    ...args,
    bundle: true,
    platform: 'node',
    target: bundling.target ?? target,
    format,
    mainFields: bundling.mainFields ?? ['module', 'main'],
    minify: bundling.minify ?? true,
    keepNames: bundling.keepNames ?? true,
    charset: bundling.charset ?? Charset.UTF8,
    banner: { js: [banner, ...(bundling.banner === undefined ? [] : [bundling.banner])].join('\n') },
    ...footerOf(bundling),
    define: { ...define, ...bundling.define },
    inject: (bundling.inject ?? []).map((file) => path.resolve(projectRoot, file)),
    loader: { ...LOADERS, ...bundling.loader },
    ...(bundling.tsconfig && { tsconfig: path.resolve(projectRoot, bundling.tsconfig) }),
    logLevel: 'silent',
    alias: { ...(alias as object | undefined), ...own },
    external: [...external, ...(bundling.externalModules ?? []), ...(bundling.nodeModules ?? [])],
    absWorkingDir: projectRoot,
  };
}

/** Location of a bundle's source map: a separate file, inline, or none. */
export function sourceMapOf({ sourceMap = true, sourceMapMode = SourceMapMode.DEFAULT }: StreamerBundlingOptions) {
  return {
    file: sourceMap && sourceMapMode !== SourceMapMode.INLINE,
    inline: sourceMap && [SourceMapMode.INLINE, SourceMapMode.BOTH].includes(sourceMapMode),
    linked: sourceMap && sourceMapMode === SourceMapMode.DEFAULT,
  };
}

/**
 * Returns the footer, with the comment that refers to the source map. esbuild itself writes no such comment, so that a build without a source map
 * produces the same bytes.
 */
function footerOf(bundling: StreamerBundlingOptions): { readonly footer?: { readonly js: string } } {
  const lines = bundling.footer === undefined ? [] : [bundling.footer];
  if (sourceMapOf(bundling).linked) lines.push(`//# sourceMappingURL=${codeFile(bundling)}.map`);
  return lines.length === 0 ? {} : { footer: { js: lines.join('\n') } };
}

/** Returns the options by which esbuild resolves the module names in an entry. */
function resolution() {
  const files = RUNTIMES.map((name) => [name, `./${runtimeFile(name)}`] as const);
  return {
    alias: {
      ...Object.fromEntries(files.map(([name, file]) => [`cdk-streamer:runtime/${name}`, file])),
      'cdk-streamer/handler': builtFile('runtime', 'handler.js'),
    },
    external: files.map(([, file]) => file),
  };
}

/** Returns the complete options to build one bundle alone, in a form that JSON can represent. */
export function optionsOf(projectRoot: string, entry: Entry, settings: BuildSettings): EsbuildOptions {
  return {
    ...esbuildOptions(projectRoot, settings),
    stdin: {
      contents: entry(relativeTo(projectRoot)),
      resolveDir: projectRoot,
      sourcefile: ENTRY_NAME,
      loader: 'js',
    },
    outfile: path.join(projectRoot, '.streamer', codeFile(settings.bundling)),
  };
}

/** Name of a bundle's entry in source maps and reports. The entry is a generated module. */
export const ENTRY_NAME = 'streamer-entry.js';

/** Extensions of files that are imported as strings: templates, queries, certificates, settings. */
const TEXT = [
  ...['.csv', '.tsv', '.md', '.html', '.htm', '.xml', '.svg', '.css', '.sql', '.graphql', '.gql', '.proto'],
  ...['.yaml', '.yml', '.toml', '.ini', '.ndjson', '.jsonl', '.txt', '.log'],
  ...['.hbs', '.handlebars', '.mustache', '.ejs', '.njk', '.liquid', '.pug', '.tmpl', '.tpl', '.mjml'],
  ...['.pem', '.crt', '.cer', '.key', '.pub', '.ics', '.vtt', '.srt', '.po'],
];

/** Extensions of files that are imported as a `Uint8Array`: images, fonts, documents, programs. */
const BINARY = [
  ...['.png', '.jpg', '.jpeg', '.gif', '.webp', '.avif', '.bmp', '.ico', '.tif', '.tiff'],
  ...['.ttf', '.otf', '.woff', '.woff2', '.eot', '.icc'],
  ...['.pdf', '.docx', '.xlsx', '.pptx', '.zip', '.gz', '.br', '.tar', '.wasm', '.onnx', '.bin', '.dat', '.mmdb'],
  ...['.mp3', '.wav', '.ogg', '.mp4', '.webm', '.der', '.p12', '.pfx'],
];

/** Loaders by file extension, in addition to esbuild's own loaders for JavaScript, TypeScript and JSON. */
export const LOADERS: { readonly [extension: string]: string } = Object.fromEntries([
  ...TEXT.map((extension) => [extension, 'text']),
  ...BINARY.map((extension) => [extension, 'binary']),
]);
