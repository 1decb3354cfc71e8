import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { StackMapper } from '../../../lambda-src/runtime/source-map';

describe('stack traces of a bundle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'streamer-map-'));
  const source =
    "export function fail(): never {\n  throw new TypeError('broken', { cause: new Error('below') });\n}\n";

  /** Returns an error as a bundle's function would throw it. Its stack contains positions in the bundle. */
  function thrownBy(name: string, sourcemap: boolean): Error & { cause: Error } {
    const outfile = join(folder, name, 'index.js');
    const stdin = { contents: source, sourcefile: 'handlers/job.ts', loader: 'ts' as const };
    buildSync({ stdin, sourcemap, outfile, bundle: true, minify: true, format: 'cjs', platform: 'node' });
    const [line, at] = [1, (what: string) => readFileSync(outfile, 'utf8').split('\n')[0].indexOf(what) + 1];
    const error = new TypeError('broken', { cause: new Error('below') });
    error.stack = `TypeError: broken\n    at fail (${outfile}:${line}:${at('new TypeError')})\n    at node:internal/x:1:1`;
    (error.cause as Error).stack = `Error: below\n    at file://${outfile}:${line}:${at('new Error')}`;
    return error as Error & { cause: Error };
  }

  afterAll(() => rmSync(folder, { recursive: true }));

  test('stack traces of a bundle and of causes refer to the sources', () => {
    const error = thrownBy('mapped', true);
    new StackMapper(true).mapError(error);
    expect(error.stack).toBe('TypeError: broken\n    at fail (handlers/job.ts:2:9)\n    at node:internal/x:1:1');
    expect(error.cause.stack).toBe('Error: below\n    at handlers/job.ts:2:42');
  });

  test('stack traces of a bundle remain unchanged without a map, with an invalid map, and in a local run', () => {
    const bare = thrownBy('bare', false);
    const broken = thrownBy('broken', true);
    writeFileSync(join(folder, 'broken', 'index.js.map'), '{');
    const local = thrownBy('local', true);
    const before = [bare, broken, local].map(({ stack }) => stack);
    for (const error of [bare, broken]) new StackMapper(true).mapError(error);
    new StackMapper().mapError(local);
    expect([bare, broken, local].map(({ stack }) => stack)).toEqual(before);
  });

  test('stack traces of any thrown value are mapped without an error', () => {
    const cyclic = new Error('a');
    cyclic.cause = cyclic;
    const hostile = new Error('b');
    Object.defineProperty(hostile, 'cause', {
      get() {
        throw new Error('getter');
      },
    });
    const mapper = new StackMapper(true);
    for (const thrown of [undefined, null, 'text', 5, {}, cyclic, hostile, Object.freeze(new Error('c'))]) {
      expect(() => mapper.mapError(thrown)).not.toThrow();
    }
    const fields = Object.defineProperty({}, 'error', Object.getOwnPropertyDescriptor(hostile, 'cause') as object);
    expect(() => mapper.mapErrorOf(fields)).not.toThrow();
  });
});
