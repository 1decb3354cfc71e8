import { runInThisContext } from 'node:vm';
import { buildSync } from 'esbuild';
import { SourceMaps } from '../../../local/dev/source-maps';
import { describeFrames } from '../../../local/runner/stack';
import { buildOptions, Project } from './support';

let project: Project;
beforeEach(() => {
  project = new Project();
});
afterEach(() => project.remove());

/** Bundles the module, runs it from a folder that does not exist, and gives the frames of what it throws. */
function framesOf(module: string): string[] {
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
  maps.add('/run/1', { map, base: project.path('.streamer'), entry: project.path('entry.js') });
  try {
    runInThisContext(`${code}; bundle.handler({});`, { filename: '/run/1/index.js' });
  } catch (error) {
    return describeFrames(String((error as Error).stack).split('\n'), { cwd: project.root, locate: maps.locate });
  }
  throw new Error('it threw nothing');
}

test('a thrown error names the lines of the sources, and the functions by their own names', () => {
  project.save(
    'lib/total amount.ts',
    `interface Line { price?: number }\n\nexport function totalOf(lines: Line[]): number {\n  if (lines.length === 0) throw new RangeError('no lines');\n  return lines.length + Math.random();\n}\n`,
  );
  project.save(
    'a.ts',
    `import { totalOf } from './lib/total amount';\nexport default {\n  run(): number {\n    const total = totalOf([]);\n    return total + 1;\n  },\n};\n`,
  );

  expect(framesOf('a.ts').slice(0, 2)).toEqual(['at totalOf (lib/total amount.ts:4:33)', 'at run (a.ts:4:19)']);
});

test('code that lies beside a bundle is a library, and code of other folders is not known', () => {
  const maps = new SourceMaps();
  maps.add('/run/1', { map: '{"version":3,"sources":[],"names":[],"mappings":""}', base: '/', entry: '/entry.js' });

  expect(maps.locate({ file: '/run/1/streamer-router.js', line: 1, column: 9 })).toMatchObject({
    library: true,
    column: 9,
  });
  expect(maps.locate({ file: '/run/2/index.js', line: 1, column: 9 })).toBeUndefined();
  maps.remove('/run/1');
  expect(maps.locate({ file: '/run/1/index.js', line: 1, column: 9 })).toBeUndefined();
});
