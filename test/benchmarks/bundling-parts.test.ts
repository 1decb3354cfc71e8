import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionCode } from '../../benchmarks/lib/assembly';
import { firstAnswerCpuMs } from '../../benchmarks/lib/function-process';
import { bundledWith, HANDLERS, type Variant } from '../../benchmarks/outsiders/bundling-variants';
import { sizeRatios } from '../../benchmarks/outsiders/keep-names';
import { callOf, checkedPair } from '../../benchmarks/outsiders/source-map';

const folder = mkdtempSync(join(tmpdir(), 'bundling-parts-'));
let made: Variant;
let bare: Variant;

beforeAll(async () => {
  made = await bundledWith(join(folder, 'made'), {});
  bare = await bundledWith(join(folder, 'bare'), { keepNames: false, sourceMap: false });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('names of functions and classes cost at most a twentieth of the size of each bundle', () => {
  const ratios = sizeRatios(made, bare);
  expect(Object.keys(ratios)).toEqual([...HANDLERS]);
  for (const ratio of Object.values(ratios)) {
    expect(ratio).toBeGreaterThan(1);
    expect(ratio).toBeLessThan(1.05);
  }
});

test('bundles that do not differ are refused: the option did not reach esbuild', () => {
  expect(() => sizeRatios(made, made)).toThrow('names add nothing to the size of tiny, report');
});

test.each(HANDLERS)('%s has a source map by default only', (name) => {
  expect(checkedPair({ name, withMap: made[name], without: bare[name] }).withMap).toBe(made[name]);
  expect(() => checkedPair({ name, withMap: bare[name], without: bare[name] })).toThrow('no source map by default');
  expect(() => checkedPair({ name, withMap: made[name], without: made[name] })).toThrow('in spite of the option');
});

test.each([
  ['tiny', 'Hello, world.'],
  ['report', 'function'],
] as const)('the first answer of %s is that of its handler', async (name, result) => {
  const { cpuMs, answer } = await firstAnswerCpuMs(made[name], callOf(made[name]));
  expect(answer).toEqual({ ok: true, result });
  expect(cpuMs).toBeGreaterThan(5);
});

test('a first answer takes what the handler takes', async () => {
  const codeDir = join(folder, 'busy');
  mkdirSync(codeDir);
  writeFileSync(
    join(codeDir, 'index.js'),
    'exports.handler = async ({ ms }) => { const end = process.cpuUsage().user + 1000 * ms; while (process.cpuUsage().user < end); };',
  );
  const busy: FunctionCode = { ...made.tiny, spec: { ...made.tiny.spec, codeDir } };
  expect((await firstAnswerCpuMs(busy, { ms: 300 })).cpuMs).toBeGreaterThanOrEqual(300);
});
