// Options of esbuild for the bundles of the functions.
import { readFileSync } from 'node:fs';
import { trimSdk } from './trim-sdk.mjs';

/** @param root folder of the repository */
export const lambdaOptions = (root) => ({
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
  plugins: [trimSdk(root), trimConstants],
});

/** Removes everything except `retryable` from the error codes. The functions use neither their descriptions nor their origins. */
const trimConstants = {
  name: 'trim-constants',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]protocol[\\/]constants\.json$/ }, ({ path }) => {
      const { errors, ...constants } = JSON.parse(readFileSync(path, 'utf8'));
      const codes = Object.entries(errors).filter(([, { retryable }]) => retryable);
      const retryable = Object.fromEntries(codes.map(([code]) => [code, { retryable: true }]));
      return { contents: JSON.stringify({ ...constants, errors: retryable }), loader: 'json' };
    });
  },
};
