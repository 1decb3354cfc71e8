// Bundles the code that jsii does not compile, into lib/: the functions, the runtime that is bundled with users' handlers, and the local run.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { lambdaOptions } from './lambda-bundles.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const lib = join(root, 'lib');
/** The compiler in Go, which emits declarations faster. */
const nativeCompiler = join(root, 'node_modules/typescript-native/bin/tsc');
const require = createRequire(import.meta.url);

const lambda = lambdaOptions(root);

const functions = Object.fromEntries(
  ['announcer', 'authorizer', 'notifier', 'sweeper', 'visitors', 'webhook'].map((name) => [
    `${name}/index`,
    `lambda-src/functions/${name}.ts`,
  ]),
);
// CommonJS files that are copied next to the bundles of users' handlers. So no synthesis bundles them again. They are separate files, so that V8
// parses them only once.
const runtime = {
  'streamer-router': 'lambda-src/functions/router.ts',
  'streamer-dispatcher': 'lambda-src/functions/dispatcher.ts',
  'streamer-processor': 'lambda-src/functions/processor.ts',
  'streamer-isolated': 'lambda-src/functions/isolated.ts',
  'streamer-remote': 'lambda-src/functions/remote.ts',
  'streamer-topics': 'lambda-src/functions/topics.ts',
  'streamer-submitter': 'lambda-src/functions/submitter.ts',
  heartbeat: 'lambda-src/functions/heartbeat.ts',
  handler: 'lambda-src/handler/index.ts',
};
const local = {
  cli: 'local/cli/main.ts',
  'runtime-client': 'local/emulator/lambda/runtime-client.ts',
  'input-example': 'local/dev/examples/child.ts',
  'build-compiled': 'local/bundling/build-compiled.ts',
};

const onThisMachine = {
  ...lambda,
  target: 'node20',
  minify: false,
  plugins: [],
  external: ['bufferutil', 'utf-8-validate'],
  alias: levelAliases(),
};

/** The console's page, for browsers of the last two years. It consists of three files without external dependencies. */
const consolePage = {
  absWorkingDir: root,
  bundle: true,
  platform: 'browser',
  target: ['chrome123', 'firefox120', 'safari17.5'],
  format: 'esm',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  entryPoints: { app: 'local/console/web/main.tsx' },
  outdir: join(lib, 'local/console'),
};

mkdirSync(lib, { recursive: true });
await Promise.all([
  build({ ...lambda, entryPoints: functions, outdir: join(lib, 'lambda') }),
  build({ ...lambda, entryPoints: runtime, outdir: join(lib, 'runtime') }),
  build(consolePage),
  build({ ...onThisMachine, entryPoints: local, outdir: join(lib, 'local') }),
  build({ ...onThisMachine, entryPoints: { index: 'testing/index.ts' }, outdir: join(lib, 'testing') }),
]);
copyTemplates();
for (const folder of ['local', 'testing']) {
  cpSync(join(root, 'local/emulator/lambda/runtime-client.py'), join(lib, folder, 'runtime-client.py'));
}
cpSync(join(root, 'local/console/web/index.html'), join(lib, 'local/console/index.html'));

if (!process.argv.includes('--no-types')) {
  emitHandlerTypes();
  emitTestingTypes();
}

/** Aliases that leave dynalite's databases out of the embedded store, because the store keeps its items in memory. */
function levelAliases() {
  const aliases = JSON.parse(readFileSync(join(root, 'local/emulator/dynamodb/esbuild-alias.json'), 'utf8'));
  return Object.fromEntries(Object.entries(aliases).map(([name, file]) => [name, join(root, file)]));
}

/** Emits the types of `cdk-streamer/handler`. */
function emitHandlerTypes() {
  const tsc = nativeCompiler;
  const options = ['--declaration', '--emitDeclarationOnly', '--strict', '--target', 'es2022', '--lib', 'es2022'];
  // Without the types of Node.js, because the handler's types must not depend on them.
  const resolution = ['--module', 'preserve', '--moduleResolution', 'bundler', '--types', 'null'];
  const files = ['--ignoreConfig', '--outDir', join(lib, 'runtime/handler'), join(root, 'lambda-src/handler/index.ts')];
  execFileSync(process.execPath, [tsc, ...options, ...resolution, ...files], { stdio: 'inherit' });
}

/**
 * Emits the types of `cdk-streamer/testing`. tsc creates declarations of all files of the program; only those that the module's own declarations
 * reference are kept.
 */
function emitTestingTypes() {
  const out = join(lib, 'testing/types');
  const all = join(lib, 'testing/all-types');
  const { preProcessFile } = require('typescript');
  const tsc = nativeCompiler;
  const options = [
    '--declaration',
    '--emitDeclarationOnly',
    '--noEmit',
    'false',
    '--noCheck',
    '--rootDir',
    root,
    '--outDir',
    all,
  ];
  execFileSync(process.execPath, [tsc, '-p', join(root, 'testing/tsconfig.json'), ...options], { stdio: 'inherit' });
  rmSync(out, { recursive: true, force: true });
  const reached = new Set(['testing/index.d.ts']);
  for (const file of reached) {
    const text = readFileSync(join(all, file), 'utf8');
    mkdirSync(dirname(join(out, file)), { recursive: true });
    writeFileSync(join(out, file), text);
    for (const { fileName: imported } of preProcessFile(text).importedFiles) {
      const target = posix.join(posix.dirname(file), imported);
      reached.add(existsSync(join(all, `${target}.d.ts`)) ? `${target}.d.ts` : `${target}/index.d.ts`);
    }
  }
  rmSync(all, { recursive: true });
}

/** Copies the templates of `cdk-streamer init`. */
function copyTemplates() {
  rmSync(join(lib, 'templates'), { recursive: true, force: true });
  cpSync(join(root, 'templates'), join(lib, 'templates'), { recursive: true });
}
