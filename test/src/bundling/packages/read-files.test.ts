import * as path from 'node:path';
import { filesReadBy } from '../../../../src/bundling/packages/read-files';
import { makeProject } from '../../support/project';

const found = (source: string): string[] => {
  const root = makeProject({
    'm/job.ts': source,
    'm/x.txt': '',
    'm/data/y.json': '',
    'm/worker.js': '',
    'm/package.json': '{}',
  });
  return filesReadBy(path.join(root, 'm/job.ts')).map((file) => path.relative(path.join(root, 'm'), file));
};

test.each([
  ["readFileSync(join(__dirname, 'x.txt'))", ['x.txt']],
  ['path.resolve(__dirname, \'data\', "y.json")', ['data/y.json']],
  ["__dirname + '/x.txt'", ['x.txt']],
  ['`$' + '{__dirname}/data/y.json`', ['data/y.json']],
  ["new URL('./x.txt', import.meta.url)", ['x.txt']],
  ["join(import.meta.dirname, 'data')", ['data']],
  ["new Worker(require.resolve('./worker.js'))", ['worker.js']],
])('%s reads %s', (source, files) => {
  expect(found(source)).toEqual(files);
});

test.each([
  "join(__dirname, 'missing.txt')",
  "join(folder, 'x.txt')",
  "require.resolve('typescript')",
  'join(__dirname, name)',
  "join(__dirname, 'package.json')",
  'join(__dirname)',
])('%s reads nothing that is known', (source) => {
  expect(found(source)).toEqual([]);
});

test('a file that no longer exists reads nothing', () => {
  expect(filesReadBy('/no/such/file.ts')).toEqual([]);
});
