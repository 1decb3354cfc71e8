import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(__dirname, '../../../..');
const dir = mkdtempSync(join(tmpdir(), 'report-bundle-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Program that runs in the bundle: the report's real code, and a store that keeps the file in memory. */
const program = `
import './examples/reports/handlers/report';
import { generateReport } from './examples/reports/report/generate';
const nothing = () => {};
let file;
generateReport(
  {
    input: { startDate: '2001-01-01', endDate: '2001-01-14', period: 'day', group: 'origin', detail: 'summary', pace: 0 },
    progress: nothing, emit: nothing, signal: new AbortController().signal,
    request: { id: 'r', createdAt: 0 }, identity: { tenant: 't', user: 'u' }, log: { info: nothing },
  },
  { store: { save: async (saved) => { file = saved; return 'https://example.com/'; } } },
).then(({ pages }) => console.log(JSON.stringify({ pages, start: Buffer.from(file.bytes).toString('latin1', 0, 5) })));
`;

test('the handler is one file below 10 MB that runs by itself, fonts and data inside', async () => {
  await build({
    stdin: { contents: program, resolveDir: root, loader: 'ts' },
    ...{
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node24',
      mainFields: ['module', 'main'],
      minify: true,
    },
    alias: { 'cdk-streamer/handler': join(root, 'lambda-src/handler/index.ts') },
    outfile: join(dir, 'index.js'),
    logLevel: 'silent',
  });
  expect(readdirSync(dir)).toEqual(['index.js']);
  expect(statSync(join(dir, 'index.js')).size).toBeLessThan(10_000_000);
  const output = execFileSync(process.execPath, ['index.js'], { cwd: dir, encoding: 'utf8' });
  expect(JSON.parse(output)).toEqual({ pages: 6, start: '%PDF-' });
});
