// Bundles what is not compiled by jsii into lib/: the functions, the runtime that users' handlers are joined to, and the local run.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const lib = join(root, 'lib');
const require = createRequire(import.meta.url);

/** Public packages of the SDK that no function needs, and what stands in for them: 150 KB that every cold start would pay for. */
const standIns = new Map([
  ['@aws-sdk/credential-provider-node', 'lambda-src/runtime/sdk/credentials.ts'],
  ['@aws-sdk/middleware-endpoint-discovery', 'lambda-src/runtime/sdk/endpoint-discovery.ts'],
  ['@smithy/core/event-streams', 'lambda-src/runtime/sdk/event-streams.ts'],
]);

/** Of the packages' own package.json files only the version is read. */
const trimSdk = {
  name: 'trim-sdk',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@(aws-sdk|smithy)\// }, ({ path }) =>
      standIns.has(path) ? { path: join(root, standIns.get(path)) } : undefined,
    );
    onLoad({ filter: /[\\/]@aws-sdk[\\/][^\\/]+[\\/]package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, 'utf8'));
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

const lambda = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  mainFields: ['module', 'main'],
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  plugins: [trimSdk],
};

const functions = Object.fromEntries(
  ['authorizer', 'dispatcher', 'sweeper', 'visitors'].map((name) => [
    `${name}/index`,
    `lambda-src/functions/${name}.ts`,
  ]),
);
// ES modules: bundled again with users' handlers they become part of one scope. As CommonJS each would be a function
// that V8 parses twice at every cold start.
const joined = {
  router: 'lambda-src/functions/router.ts',
  processor: 'lambda-src/functions/processor.ts',
  submitter: 'lambda-src/functions/submitter.ts',
};
const runtime = {
  heartbeat: 'lambda-src/functions/heartbeat.ts',
  handler: 'lambda-src/handler/index.ts',
};
const local = {
  cli: 'local/cli/main.ts',
  'runtime-client': 'local/lambda/runtime-client.ts',
};

mkdirSync(lib, { recursive: true });
await Promise.all([
  build({ ...lambda, entryPoints: functions, outdir: join(lib, 'lambda') }),
  build({ ...lambda, entryPoints: joined, outdir: join(lib, 'runtime'), format: 'esm' }),
  build({ ...lambda, entryPoints: runtime, outdir: join(lib, 'runtime') }),
  build({
    ...lambda,
    entryPoints: Object.fromEntries(Object.entries(local).filter(([, file]) => existsSync(join(root, file)))),
    outdir: join(lib, 'local'),
    target: 'node20',
    minify: false,
    plugins: [],
    external: ['bufferutil', 'utf-8-validate'],
    alias: levelAliases(),
  }),
]);

if (!process.argv.includes('--no-types')) emitHandlerTypes();

/** The embedded store keeps its items in memory: dynalite's databases are not loaded. */
function levelAliases() {
  const aliases = JSON.parse(readFileSync(join(root, 'local/dynamodb/esbuild-alias.json'), 'utf8'));
  return Object.fromEntries(Object.entries(aliases).map(([name, file]) => [name, join(root, file)]));
}

/** The types of `cdk-streamer/handler`. */
function emitHandlerTypes() {
  const tsc = require.resolve('typescript/bin/tsc');
  const options = ['--declaration', '--emitDeclarationOnly', '--strict', '--target', 'es2022', '--lib', 'es2022'];
  // no Node types: the handler's types must do without them
  const resolution = ['--module', 'preserve', '--moduleResolution', 'bundler', '--types', 'null'];
  const files = ['--ignoreConfig', '--outDir', join(lib, 'runtime/handler'), join(root, 'lambda-src/handler/index.ts')];
  execFileSync(process.execPath, [tsc, ...options, ...resolution, ...files], { stdio: 'inherit' });
}
