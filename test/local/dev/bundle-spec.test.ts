import { readBundleSpec } from '../../../local/dev/bundle-spec';

const build = { absWorkingDir: '/p', outfile: '/p/.streamer/index.js', minify: true };

test('the metadata of a synthesis for dev is read', () => {
  const assets = [{ from: '/p/x.txt', to: 'x.txt' }];
  const spec = { build, besides: ['/lib/heartbeat.js'], assets, preCompilation: true };
  expect(readBundleSpec(spec)).toEqual(spec);
  expect(readBundleSpec({ build })).toEqual({ build, besides: [], assets: [], preCompilation: false });
});

test.each([undefined, null])('%p is not metadata', (metadata) => {
  expect(readBundleSpec(metadata)).toBeUndefined();
});

test.each([
  'text',
  {},
  { build: null },
  { build: { ...build, outfile: undefined } },
  { build: { ...build, absWorkingDir: 'relative' } },
  { build, besides: ['relative.js'] },
  { build, besides: 'x' },
  { build, assets: [{ from: 'relative.txt', to: 'x' }] },
  { build, assets: 'x' },
])('%j is refused', (metadata) => {
  expect(() => readBundleSpec(metadata)).toThrow('its metadata cdk-streamer:bundle is of another version');
});
