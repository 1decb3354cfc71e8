import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import { buildSync } from 'esbuild';
import { SourceMaps } from '../../../local/dev/source-maps';
import { describeFrames } from '../../../local/run/log/stack';
import { buildOptions, Project } from './support';

let project: Project;
beforeEach(() => {
  project = new Project();
});
afterEach(() => project.remove());

/**
 * Bundles the module and runs it in a folder that does not exist any more. Returns the frames of the error that it
 * throws.
 */
async function framesOf(module: string): Promise<string[]> {
  const options = {
    ...buildOptions(project.root, module),
    write: false,
    sourcemap: 'external',
    globalName: 'bundle',
    format: 'iife',
  };
  const files = buildSync(options as never).outputFiles ?? [];
  const [map = '', code = ''] = ['.js.map', '.js'].map((end) => files.find((file) => file.path.endsWith(end))?.text);
  const maps = new SourceMaps();
  maps.add('/run/1', { load: async () => map, base: project.path('.streamer'), entry: project.path('entry.js') });
  try {
    runInThisContext(`${code}; bundle.handler({});`, { filename: '/run/1/index.js' });
  } catch (error) {
    const lines = String((error as Error).stack).split('\n');
    await maps.ready(lines);
    return describeFrames(lines, { cwd: project.root, locate: maps.locate });
  }
  throw new Error('it threw nothing');
}

test('a thrown error names the lines of the sources, and the functions by their own names', async () => {
  project.save(
    'lib/total amount.ts',
    `interface Line { price?: number }\n\nexport function totalOf(lines: Line[]): number {\n  if (lines.length === 0) throw new RangeError('no lines');\n  return lines.length + Math.random();\n}\n`,
  );
  project.save(
    'a.ts',
    `import { totalOf } from './lib/total amount';\nexport default {\n  run(): number {\n    const total = totalOf([]);\n    return total + 1;\n  },\n};\n`,
  );

  expect((await framesOf('a.ts')).slice(0, 2)).toEqual(['at totalOf (lib/total amount.ts:4:33)', 'at run (a.ts:4:19)']);
});

const EMPTY = '{"version":3,"sources":[],"names":[],"mappings":""}';
const FRAME = '    at run (/run/1/index.js:1:9)';

test('code next to a bundle is a library, and code in other folders is unknown', async () => {
  const maps = new SourceMaps();
  maps.add('/run/1', { load: async () => EMPTY, base: '/', entry: '/entry.js' });
  await maps.prepare('/run/1');

  const beside = { file: '/run/1/streamer-router.js', line: 1, column: 9 };
  expect(maps.locate(beside)).toMatchObject({ ...beside, library: true });
  expect(maps.locate({ file: '/run/2/index.js', line: 1, column: 9 })).toBeUndefined();
  maps.remove('/run/1');
  expect(maps.locate({ file: '/run/1/index.js', line: 1, column: 9 })).toBeUndefined();
});

test('a map is created once, for the first lines that name its bundle', async () => {
  const load = jest.fn(async () => EMPTY);
  const maps = new SourceMaps();
  maps.add('/run/1', { load, base: '/', entry: '/entry.js' });

  expect(maps.ready(['nothing of it', '    at x (/run/10/index.js:1:9)'])).toBeUndefined();
  expect(load).not.toHaveBeenCalled();
  await Promise.all([maps.ready([FRAME]), maps.ready([JSON.stringify({ stack: FRAME })])]);
  expect(maps.ready([FRAME])).toBeUndefined();
  expect(load).toHaveBeenCalledTimes(1);
});

test('lines that wait for a map also wait for the map that replaces it', async () => {
  const maps = new SourceMaps();
  const place = { base: '/', entry: '/entry.js' };
  let give: () => void = () => undefined;
  const first = new Promise<undefined>((resolve) => {
    give = () => resolve(undefined);
  });
  maps.add('/run/1', { ...place, load: () => first });
  const waiting = maps.ready([FRAME]);
  const second = jest.fn(async () => EMPTY);
  maps.add('/run/1', { ...place, load: second });
  give();
  await waiting;

  expect(second).toHaveBeenCalledTimes(1);
  expect(maps.ready([FRAME])).toBeUndefined();
});

test.each([
  ['there is none', async () => undefined],
  ['it cannot be made', () => Promise.reject(new Error('no'))],
])('if %s, positions stay those of the code', async (_why, load) => {
  const maps = new SourceMaps();
  maps.add('/run/1', { load, base: '/', entry: '/entry.js' });
  await maps.ready([FRAME]);

  expect(maps.ready([FRAME])).toBeUndefined();
  expect(describeFrames([FRAME], { cwd: '/', locate: maps.locate })).toEqual(['at run (run/1/index.js:1:9)']);
});

describe('code that was bundled before, with its map', () => {
  const throwing = "export function fail(): never {\n  throw new Error('no');\n}\nfail();\n";

  function framesOfBundle(sourcemap: string): string[] {
    const entry = project.save('src/work.ts', throwing);
    const outfile = project.path('out', 'bundle.js');
    const options = {
      bundle: true,
      minify: true,
      platform: 'node',
      sourcemap: sourcemap === 'false' ? false : sourcemap,
    };
    buildSync({ ...options, entryPoints: [entry], outfile } as never);
    // a separate process, because the test runner itself maps stack traces of its own process
    const lines = spawnSync(process.execPath, [outfile], { encoding: 'utf8' }).stderr.split('\n');
    const maps = new SourceMaps();
    maps.runsFrom(project.path('out'));
    return describeFrames(lines, { cwd: project.root, locate: maps.locate });
  }

  test.each(['linked', 'external', 'inline'])('code that was bundled before is located by its map, %s', (sourcemap) => {
    expect(framesOfBundle(sourcemap)[0]).toMatch(/src\/work\.ts:2:9\)?$/);
  });

  test('frames of a bundle without a map stay unchanged', () => {
    expect(framesOfBundle('false')[0]).toMatch(/out\/bundle\.js:\d+:\d+\)?$/);
  });
});

test('no file outside the folders of code is read, even if a frame names it', () => {
  const map = JSON.stringify({ version: 3, sources: ['secret.ts'], names: [], mappings: 'AAAA' });
  const outside = project.save('other/a.js', '');
  project.save('other/a.js.map', map);
  const inside = project.save('code/a.js', '');
  project.save('code/a.js.map', map);
  const maps = new SourceMaps();
  maps.runsFrom(project.path('code'));

  const locate = (file: string) => maps.locate({ file, line: 1, column: 1 })?.file;
  expect(locate(inside)).toBe(project.path('code', 'secret.ts'));
  expect(locate(outside)).toBeUndefined();
  expect(locate(`${project.path('code')}/../other/a.js`)).toBeUndefined();
  expect(locate('/dev/zero')).toBeUndefined();
});

test('a file of the code that is a device is not read', () => {
  project.save('code/a.js', '');
  symlinkSync('/dev/zero', project.path('code', 'zero.js'));
  symlinkSync('/dev/zero', project.path('code', 'a.js.map'));
  const maps = new SourceMaps();
  maps.runsFrom(project.path('code'));

  for (const name of ['zero.js', 'a.js'])
    expect(maps.locate({ file: project.path('code', name), line: 1, column: 1 })).toBeUndefined();
});
