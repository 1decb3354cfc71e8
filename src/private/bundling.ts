import * as fs from 'node:fs';
import * as path from 'node:path';
import { Annotations, AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { StreamerValidationError } from './errors';
import { type EsbuildResult, findEsbuild } from './esbuild';
import { builtFile } from './package-files';

/** A module that must export one of some names, or the function could not start. */
export interface RequiredExport {
  /** The property that names the module. */
  readonly prop: string;
  readonly file: string;
  readonly anyOf: readonly string[];
}

export interface Bundle {
  readonly projectRoot: string;
  /** Source of the entry, with paths relative to the project root. */
  readonly entry: string;
  readonly requiredExports: readonly RequiredExport[];
  /** Files of the runtime that lie beside the bundle. */
  readonly besides?: readonly string[];
}

/** Options that the bundles share. Format and main fields are those that start fastest with the AWS SDK. */
const OPTIONS = {
  bundle: true,
  write: false,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  mainFields: ['module', 'main'],
  minify: true,
  legalComments: 'none',
  charset: 'utf8',
  // modules written as ESM find their own place by import.meta.url, which CommonJS lacks
  banner: { js: "const __streamerUrl = require('node:url').pathToFileURL(__filename).href;" },
  define: { 'import.meta.url': '__streamerUrl' },
  logLevel: 'silent',
  loader: {
    '.csv': 'text',
    '.tsv': 'text',
    '.md': 'text',
    '.html': 'text',
    '.sql': 'text',
    '.ttf': 'binary',
    '.otf': 'binary',
    '.png': 'binary',
    '.jpg': 'binary',
  },
};

/**
 * Code that holds handlers of the user's, bundled at synthesis.
 *
 * Its hash is that of the output, the same in each checkout of the same sources.
 */
export function bundledCode(scope: Construct, bundle: Bundle): Code {
  return Code.fromAsset(bundle.projectRoot, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('unused: bundling is local'),
      // The cache key of assets is JSON.stringify(bundling), which drops functions: what tells two bundles apart must be data here, ...
      command: ['streamer', bundle.entry, JSON.stringify(OPTIONS)],
      // ... and this a closure, not an object with fields, or the project's absolute path would be a part of that key.
      local: { tryBundle: (outputDir: string) => writeBundle(scope, bundle, outputDir) },
    },
  });
}

function writeBundle(scope: Construct, bundle: Bundle, outputDir: string): boolean {
  for (const required of bundle.requiredExports) requireExport(bundle.projectRoot, required);
  const result = build(bundle);
  for (const warning of result.warnings) {
    const place = warning.location ? `${warning.location.file}:${warning.location.line}: ` : '';
    Annotations.of(scope).addWarningV2('cdk-streamer:bundling', `${place}${warning.text}`);
  }
  for (const file of result.outputFiles)
    fs.writeFileSync(path.join(outputDir, path.basename(file.path)), file.contents);
  for (const name of bundle.besides ?? []) {
    fs.copyFileSync(builtFile('runtime', name), path.join(outputDir, name));
  }
  return true;
}

function build({ projectRoot, entry }: Bundle): EsbuildResult {
  return bundleError(() =>
    findEsbuild(projectRoot).buildSync({
      ...OPTIONS,
      absWorkingDir: projectRoot,
      stdin: { contents: entry, resolveDir: projectRoot, sourcefile: 'streamer-entry.ts', loader: 'ts' },
      // a fixed name: the random staging folder must reach nothing that is hashed
      outfile: path.join(projectRoot, '.streamer', 'index.js'),
      alias: {
        'cdk-streamer:runtime/router': builtFile('runtime', 'router.js'),
        'cdk-streamer:runtime/processor': builtFile('runtime', 'processor.js'),
        'cdk-streamer/handler': builtFile('runtime', 'handler.js'),
      },
    }),
  );
}

function requireExport(projectRoot: string, { prop, file, anyOf }: RequiredExport): void {
  const found = exportsOf(projectRoot, file);
  if (found.some((name) => anyOf.includes(name))) return;
  throw new StreamerValidationError(
    `\`${prop}\` must name a module that exports ${anyOf.map((name) => `\`${name}\``).join(' or ')}, got: ${file} (exports: ${found.join(', ') || 'nothing'})`,
  );
}

/** Names that a module exports, found without running it or reading its packages. A CommonJS module counts as `default`. */
function exportsOf(projectRoot: string, file: string): string[] {
  const result = bundleError(() =>
    findEsbuild(projectRoot).buildSync({
      entryPoints: [file],
      absWorkingDir: projectRoot,
      outfile: path.join(projectRoot, '.streamer', 'exports.js'),
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      loader: OPTIONS.loader,
      write: false,
      metafile: true,
      logLevel: 'silent',
    }),
  );
  return Object.values(result.metafile?.outputs ?? {}).flatMap((output) => output.exports);
}

function bundleError<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof StreamerValidationError) throw error;
    throw new StreamerValidationError(`A handler could not be bundled. ${(error as Error).message}`, { cause: error });
  }
}
