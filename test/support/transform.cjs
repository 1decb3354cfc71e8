// Compiles a TypeScript file for jest. esbuild reads one file at a time and checks no types: `npm test` has `tsc` do that before.
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const esbuild = require('esbuild');

const OPTIONS = {
  format: 'cjs',
  target: 'es2022',
  platform: 'node',
  jsx: 'automatic',
  supported: { 'dynamic-import': false },
  sourcemap: 'external',
  sourcesContent: false,
};
const VERSION = createHash('sha256').update(esbuild.version).update(readFileSync(__filename));

module.exports = {
  process(source, path) {
    const { code, map } = esbuild.transformSync(source, {
      ...OPTIONS,
      loader: path.endsWith('x') ? 'tsx' : 'ts',
      sourcefile: path,
      // the options of the nearest tsconfig.json do not apply
      tsconfigRaw: {},
    });
    return { code, map };
  },

  getCacheKey(source, path, { instrument }) {
    return VERSION.copy().update(`${path}\0${instrument}\0${source}`).digest('hex');
  },
};
