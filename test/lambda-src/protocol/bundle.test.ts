import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');

/** Returns the minified code of a module, bundled as the functions are. */
function bundle(code: string): string {
  const args = [
    '--bundle',
    '--minify',
    '--format=cjs',
    '--platform=node',
    '--main-fields=module,main',
    '--log-level=error',
  ];
  return execFileSync(join(ROOT, 'node_modules/.bin/esbuild'), args, { cwd: ROOT, input: code, encoding: 'utf8' });
}

test('a function that validates carries at most 27 KB for it', () => {
  const text = bundle(`export { validateMessage } from './lambda-src/protocol'`);

  expect(text).toContain('validateMessage');
  expect(text.length).toBeLessThan(27 * 1024);
});

test('a function that uses only errors and constants contains no schema', () => {
  const text = bundle(`export { CONSTANTS, toStreamerError } from './lambda-src/protocol'`);

  expect(text).toContain('toStreamerError');
  expect(text).not.toContain('is required');
  expect(text.length).toBeLessThan(11 * 1024);
});
