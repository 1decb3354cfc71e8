// Builds dist/: index.js (ES modules), index.cjs (CommonJS), the same files in server/, store/, react/ and ai/, and all types. It can be run from any folder: node
// build-client.mjs
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = process.argv[2] ?? join(root, 'dist');

for (const [format, extension] of [
  ['esm', 'js'],
  ['cjs', 'cjs'],
]) {
  await bundle(format, `index.${extension}`);
  await bundle(format, `server/index.${extension}`, {
    entryPoints: [join(root, 'src/server/index.ts')],
    external: ['@aws-sdk/client-lambda', '@aws-sdk/client-sqs', 'node:*'],
    plugins: [numbersOnly(), sharedErrors(`../index.${extension}`)],
  });
  for (const entry of ['store', 'ai']) {
    await bundle(format, `${entry}/index.${extension}`, { entryPoints: [join(root, 'src', entry, 'index.ts')] });
  }
  await bundle(format, `react/index.${extension}`, {
    entryPoints: [join(root, 'src/react/index.ts')],
    external: ['react'],
    // Hooks work only in components of the browser. The directive lets server components of Next.js render such a component.
    banner: { js: "'use client';" },
    plugins: [ownEntries({ '..': `../index.${extension}`, '../store': `../store/index.${extension}` })],
  });
}
emitTypes();
// The names of the built files do not show that they are ES modules, so dist/ needs its own package.json.
writeFileSync(join(out, 'package.json'), '{ "type": "module" }\n');
await printSize('client', 'index.ts');
// with the stores, but without the client
await printSize('react', 'react/index.ts', { external: ['react', '..'] });
await printSize('ai', 'ai/index.ts');

async function printSize(name, entry, options) {
  const entryPoints = [join(root, 'src', entry)];
  const size = { entryPoints, minify: true, write: false, sourcemap: false, ...options };
  const [{ contents }] = (await bundle('esm', 'size.js', size)).outputFiles;
  console.log(`${name}: ${contents.length} bytes minified, ${gzipSync(contents, { level: 9 }).length} gzipped`);
}

function bundle(format, file, options) {
  return build({
    entryPoints: [join(root, 'src/index.ts')],
    outfile: join(out, file),
    bundle: true,
    format,
    platform: 'neutral',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [numbersOnly()],
    ...options,
  });
}

/** Removes the parts of the protocol's constants that no client uses. Clients use only `retryable` of an error code. */
function numbersOnly() {
  const load = ({ path }) => {
    const { errors, limits, timing, ...constants } = JSON.parse(readFileSync(path, 'utf8'));
    const retryable = Object.entries(errors).filter(([, error]) => error.retryable);
    const codes = Object.fromEntries(retryable.map(([code]) => [code, { retryable: true }]));
    const numbers = { limits: named('limits', limits), timing: named('timing', timing) };
    return { loader: 'json', contents: JSON.stringify({ ...constants, ...numbers, errors: codes }) };
  };
  return { name: 'numbers-only', setup: ({ onLoad }) => onLoad({ filter: /\/protocol\/constants\.json$/ }, load) };
}

/** Removes the members of a constant that the client's sources do not use. */
function named(group, members) {
  const source = readFileSync(join(root, 'src/wire/protocol.ts'), 'utf8');
  return Object.fromEntries(Object.entries(members).filter(([name]) => source.includes(`${group}.${name}`)));
}

/** Makes the errors of both entry points instances of one class `StreamerError`, which the main entry point exports. */
function sharedErrors(main) {
  return {
    name: 'shared-errors',
    setup: ({ onResolve }) => onResolve({ filter: /^\.\.?\/(wire\/)?errors$/ }, () => ({ path: main, external: true })),
  };
}

/** Imports other entry points of this package instead of bundling them again. */
function ownEntries(entries) {
  const resolve = ({ path }) => (path in entries ? { path: entries[path], external: true } : undefined);
  return { name: 'own-entries', setup: ({ onResolve }) => onResolve({ filter: /^\.\./ }, resolve) };
}

/** Emits only the types of the sources. tsc also reads other files, such as constants.json, and repeats the folders of all files that it reads. */
function emitTypes() {
  const emitted = mkdtempSync(join(tmpdir(), 'client-types-'));
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, ...tscArguments(emitted)], { stdio: 'inherit' });
  const folder = join(emitted, 'client-sdks/typescript/src');
  for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.d.ts'))) {
    const text = readFileSync(join(folder, file), 'utf8');
    mkdirSync(dirname(join(out, file)), { recursive: true });
    writeFileSync(join(out, file), withExtension(text, 'js'));
    writeFileSync(join(out, file.replace(/\.d\.ts$/, '.d.cts')), withExtension(text, 'cjs'));
  }
  rmSync(emitted, { recursive: true });
}

function tscArguments(outDir) {
  const fixed = '--ignoreConfig --declaration --emitDeclarationOnly --strict --target es2022 --lib es2023,dom';
  const modules = '--module preserve --moduleResolution bundler --resolveJsonModule --skipLibCheck';
  const places = ['--rootDir', join(root, '../..'), '--outDir', outDir];
  return [
    ...fixed.split(' '),
    ...modules.split(' '),
    ...places,
    ...['index.ts', 'server/index.ts', 'store/index.ts', 'react/index.ts', 'ai/index.ts'].map((file) =>
      join(root, 'src', file),
    ),
  ];
}

/** Adds the file extension to imports. The sources leave it out, but Node.js's own resolution requires it. */
function withExtension(text, extension) {
  const named = text.replace(/(from '\.\.?\/[\w/.-]+)'/g, `$1.${extension}'`);
  // A folder is imported by its index.
  return named.replace(/(from '\.\.(\/store)?)(\.js|\.cjs)?'/g, `$1/index.${extension}'`);
}
