import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionCode } from '../../../benchmarks/lib/assembly';
import { initCpuMs } from '../../../benchmarks/lib/function-process';
import { withScratch } from '../../../benchmarks/lib/scratch';

/** Processor time that the code uses, in milliseconds. It is longer than the differences between starts of a process. */
const BUSY_MS = 300;

function functionIn(folder: string, name: string, code: string): FunctionCode {
  const codeDir = join(folder, name);
  mkdirSync(codeDir);
  writeFileSync(join(codeDir, 'index.js'), code);
  const spec = {
    functionName: name,
    functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    codeDir,
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    timeoutMs: 3000,
    memoryMb: 128,
    environment: { BUSY_MS: String(BUSY_MS) },
  };
  return { name, spec, kilobytes: code.length / 1000 };
}

test('the CPU of a cold process is that of its start and of what the module does while it loads', async () => {
  await withScratch(async (folder) => {
    const empty = functionIn(folder, 'empty', 'exports.handler = async () => undefined;');
    const busy = functionIn(
      folder,
      'busy',
      'const end = process.cpuUsage().user + 1000 * process.env.BUSY_MS;\n' +
        'while (process.cpuUsage().user < end);\nexports.handler = async () => undefined;',
    );
    const [emptyMs, busyMs] = [await initCpuMs(empty), await initCpuMs(busy)];
    expect(emptyMs).toBeGreaterThan(5);
    expect(busyMs).toBeGreaterThanOrEqual(BUSY_MS);
    expect(busyMs).toBeGreaterThan(emptyMs);
  });
});

test('a bundle without a handler is an error, not a fast start', async () => {
  await withScratch(async (folder) => {
    await expect(initCpuMs(functionIn(folder, 'none', 'exports.other = 1;'))).rejects.toThrow('exports no handler');
  });
});
