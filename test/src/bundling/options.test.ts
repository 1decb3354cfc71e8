import { Lazy } from 'aws-cdk-lib';
import { OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as fc from 'fast-check';
import type { StreamerBundlingOptions } from '../../../src';
import { mergeBundling, routerBundling, validateBundling } from '../../../src/bundling/options';

const names = fc.array(fc.constantFrom('a', 'b', 'c', '@d/e'), { maxLength: 4 });
const map = fc.dictionary(fc.constantFrom('A', 'B', 'C'), fc.constantFrom('"1"', '"2"'), { noNullPrototype: true });
const options: fc.Arbitrary<StreamerBundlingOptions> = fc.record(
  { externalModules: names, nodeModules: names, define: map, minify: fc.boolean(), target: fc.constantFrom('es2022') },
  { requiredKeys: [] },
);

describe('options of a handler are added to those of the API', () => {
  test('arrays are concatenated without duplicates, maps are merged, and other options are replaced', () => {
    fc.assert(
      fc.property(options, options, (api, own) => {
        const merged = mergeBundling(api, own);
        const all = [...(api.nodeModules ?? []), ...(own.nodeModules ?? [])];
        expect(merged.nodeModules ?? []).toEqual([...new Set(all)]);
        expect(merged.define ?? {}).toEqual({ ...api.define, ...own.define });
        expect(merged.minify).toBe(own.minify ?? api.minify);
      }),
    );
  });

  test('merging is associative, and empty options change nothing', () => {
    fc.assert(
      fc.property(options, options, options, (a, b, c) => {
        expect(mergeBundling(mergeBundling(a, b), c)).toEqual(mergeBundling(a, mergeBundling(b, c)));
        expect(mergeBundling(mergeBundling(a), {})).toEqual(mergeBundling({}, a));
      }),
    );
  });
});

describe("the router's bundle, which its sync handlers share", () => {
  const router = (api: StreamerBundlingOptions, ...own: StreamerBundlingOptions[]) =>
    routerBundling(
      api,
      own.map((bundling, index) => ({ action: `a${index}`, bundling })),
    );

  test("the router's bundle gets the additive options of a sync handler", () => {
    expect(router({ nodeModules: ['a'] }, { nodeModules: ['b'] }, { define: { X: '1' } })).toEqual({
      nodeModules: ['a', 'b'],
      define: { X: '1' },
    });
  });

  test.each<[string, StreamerBundlingOptions]>([
    ['format', { format: OutputFormat.ESM }],
    ['minify', { minify: false }],
    ['tsconfig', { tsconfig: 'tsconfig.other.json' }],
    ['inject', { inject: ['shim.ts'] }],
    ['banner', { banner: '//' }],
  ])('a sync handler in the router cannot set `%s`, because the option would apply to all sync handlers', (key, own) => {
    expect(() => router({}, own)).toThrow(
      new RegExp(`\`handlers\\.a0\\.bundling\\.${key}\` must equal that of the API's \`bundling\`.*isolated: true`),
    );
    expect(router(own, own)).toEqual(own);
  });

  test('two sync handlers in the router cannot give different values to one name', () => {
    expect(() => router({}, { define: { X: '1' } }, { define: { X: '2' } })).toThrow(
      /`handlers\.a1\.bundling\.define\.X` must be '1', as for the other sync handlers/,
    );
  });
});

describe('bundling options are refused', () => {
  test.each<[string, object, RegExp]>([
    [
      'a version',
      { nodeModules: ['sharp@0.33'] },
      /`bundling\.nodeModules` must be names of packages, got: 'sharp@0\.33'/,
    ],
    ['a file in a package', { nodeModules: ['sharp/lib'] }, /names of packages/],
    ['a string for an array', { externalModules: 'pg' }, /`bundling\.externalModules` must be an array of strings/],
    ['a loader without a dot', { loader: { glsl: 'text' } }, /file extensions that begin with a dot, got: 'glsl'/],
    ['an unknown loader', { loader: { '.glsl': 'string' } }, /`bundling\.loader\.\.glsl` must be one of base64/],
    ['a format of another name', { format: 'mjs' }, /`bundling\.format` must be a value of OutputFormat/],
    [
      'a mode without a map',
      { sourceMap: false, sourceMapMode: SourceMapMode.INLINE },
      /be left out if `sourceMap` is false/,
    ],
    ['a value that is no string', { define: { A: 1 } }, /`bundling\.define\.A` must be a string, got: 1/],
    ['hooks that are a command', { commandHooks: 'cp a b' }, /`bundling\.commandHooks` must be an object with/],
    ['an option that does not exist', { nodeModule: ['sharp'] }, /Did you mean `bundling\.nodeModules`\?/],
    ['an array of options', [], /`bundling` must be an object of bundling options/],
    [
      'an argument that Streamer sets',
      { esbuildArgs: { '--outfile': 'x' } },
      /`bundling\.esbuildArgs` must name options of esbuild that Streamer does not set itself/,
    ],
    ['an argument with a property', { esbuildArgs: { '--minify': true } }, /Use the property `minify`/],
  ])('bundling options are refused: %s', (_, given, message) => {
    expect(() => validateBundling('bundling', given as StreamerBundlingOptions)).toThrow(message);
  });

  test('options that are not given are not refused', () => {
    for (const nothing of [undefined, null])
      expect(() => validateBundling('bundling', nothing as undefined)).not.toThrow();
  });
});

describe('values that are known at deployment only', () => {
  const token = Lazy.string({ produce: () => 'later' });

  test.each<[string, StreamerBundlingOptions]>([
    ['define.URL', { define: { URL: token } }],
    ['define.URL', { define: { URL: JSON.stringify({ url: token }) } }],
    ['banner', { banner: `/* ${token} */` }],
    ['footer', { footer: token }],
    ['externalModules', { externalModules: ['a', token] }],
    ['environment.A', { environment: { A: token } }],
  ])('values that are known only at deployment are refused in `%s`, with `environment` as the remedy', (prop, bundling) => {
    expect(() => validateBundling('bundling', bundling)).toThrow(
      `\`bundling.${prop}\` must be known when the app is synthesized, got: 'a value that is known only at deployment'. Pass it to the function through \`environment\``,
    );
  });
});
