import { relative } from 'node:path';
import { BENCHMARKS } from './lib/benchmarks';
import { writeTable } from './lib/page';
import { writeResult } from './lib/results';

/** `npm run bench -- <name> [part…]`: measures, writes `results/<name>.json`, and updates the table of `docs/benchmarks.md`. */
async function main(name = '', parts: readonly string[] = []): Promise<void> {
  const description = BENCHMARKS.get(name);
  if (!description) throw new Error(`which benchmark? One of: ${[...BENCHMARKS.keys()].join(', ')}`);
  const benchmark = await description.load();
  const result = await benchmark((line) => console.error(line), parts);
  for (const [figure, value] of Object.entries(result.figures)) console.log(`${figure}: ${value}`);
  console.error(`written: ${relative(process.cwd(), writeResult(name, result))}`);
  writeTable();
}

main(process.argv[2], process.argv.slice(3)).catch((error: Error) => {
  console.error(error.stack);
  process.exitCode = 1;
});
