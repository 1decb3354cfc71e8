import * as path from 'node:path';
import { type Entry, relativeTo } from './entry';
import { builtFile } from './package-files';

/** Options that the bundles share. Format and main fields are those that start fastest with the AWS SDK. */
export const OPTIONS = {
  bundle: true,
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

const RUNTIMES = ['router', 'dispatcher', 'processor', 'isolated', 'remote', 'submitter', 'topics'] as const;

/** A part of the runtime that an entry imports as `cdk-streamer:runtime/<name>`. */
export type Runtime = (typeof RUNTIMES)[number];

/** File of a part of the runtime: built with the package, it is copied beside a bundle, so that no synthesis bundles it again. */
export const runtimeFile = (name: Runtime): string => `streamer-${name}.js`;

/** What the names in an entry stand for. */
export function resolution() {
  const files = RUNTIMES.map((name) => [name, `./${runtimeFile(name)}`] as const);
  return {
    alias: {
      ...Object.fromEntries(files.map(([name, file]) => [`cdk-streamer:runtime/${name}`, file])),
      'cdk-streamer/handler': builtFile('runtime', 'handler.js'),
    },
    external: files.map(([, file]) => file),
  };
}

/** The complete options by which one bundle can be built alone, as JSON can hold them. */
export function optionsOf(projectRoot: string, entry: Entry) {
  return {
    ...OPTIONS,
    ...resolution(),
    absWorkingDir: projectRoot,
    stdin: {
      contents: entry(relativeTo(projectRoot)),
      resolveDir: projectRoot,
      sourcefile: 'streamer-entry.js',
      loader: 'js',
    },
    outfile: path.join(projectRoot, '.streamer', 'index.js'),
  };
}
