import { readBundleSpec } from '../../../local/dev/bundle-spec';

const build = { absWorkingDir: '/p', outfile: '/p/.streamer/index.js', minify: true };

test('the metadata of a synthesis for dev is understood', () => {
  expect(readBundleSpec({ build, besides: ['/lib/heartbeat.js'] })).toEqual({ build, besides: ['/lib/heartbeat.js'] });
  expect(readBundleSpec({ build })).toEqual({ build, besides: [] });
});

test.each([undefined, null])('%p is no metadata', (metadata) => {
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
])('%j is refused', (metadata) => {
  expect(() => readBundleSpec(metadata)).toThrow('its metadata cdk-streamer:bundle is of another version');
});
