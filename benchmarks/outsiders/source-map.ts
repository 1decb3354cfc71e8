import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionCode } from '../lib/assembly';
import { firstAnswerCpuMs } from '../lib/function-process';
import type { Benchmark } from '../lib/results';
import { withScratch } from '../lib/scratch';
import { interleave, median, ratios, significant } from '../lib/statistics';
import { versionsOf } from '../lib/versions';
import { bundledWith, HANDLERS, type HandlerName } from './bundling-variants';

const ROUNDS = 31;

/** Measures what the source map next to a bundle costs, from the start of a function's process to its first answer. */
export const sourceMap: Benchmark = (report) =>
  withScratch(async (folder) => {
    const pairs = await pairsIn(folder);
    for (const { name, withMap } of pairs) report(`${name}: a map of ${kilobytesOfMap(withMap)} KB`);
    const subjects = pairs.flatMap(({ withMap, without }) => [withMap, without]);
    const samples = await interleave(subjects, ROUNDS, firstAnswer);
    const found = pairs.map(({ name, withMap, without }) => {
      const ratio = median(ratios(samples.get(withMap) ?? [], samples.get(without) ?? []));
      report(`${name}: ×${significant(ratio)}`);
      return ratio;
    });
    return {
      versions: versionsOf('node', 'esbuild'),
      figures: { source_map_cold_ratio: significant(Math.max(...found)) },
    };
  });

interface Pair {
  readonly name: HandlerName;
  readonly withMap: FunctionCode;
  readonly without: FunctionCode;
}

async function pairsIn(folder: string): Promise<Pair[]> {
  const withMap = await bundledWith(join(folder, 'with'), {});
  const without = await bundledWith(join(folder, 'without'), { sourceMap: false });
  return HANDLERS.map((name) => checkedPair({ name, withMap: withMap[name], without: without[name] }));
}

/** Returns the pair. @throws Error unless only the first function has a source map */
export function checkedPair(pair: Pair): Pair {
  const has = ({ spec }: FunctionCode) => existsSync(mapFile(spec.codeDir));
  if (!has(pair.withMap)) throw new Error(`${pair.name} has no source map by default`);
  if (has(pair.without)) throw new Error(`${pair.name} has a source map in spite of the option`);
  return pair;
}

const mapFile = (codeDir: string): string => join(codeDir, 'index.js.map');

const kilobytesOfMap = ({ spec }: FunctionCode): number => significant(statSync(mapFile(spec.codeDir)).size / 1000);

async function firstAnswer(fn: FunctionCode): Promise<number> {
  const { cpuMs, answer } = await firstAnswerCpuMs(fn, callOf(fn));
  if (!(answer as { ok?: boolean }).ok) throw new Error(`${fn.name} failed: ${JSON.stringify(answer)}`);
  return cpuMs;
}

/** Creates the event with which the router invokes an isolated handler's function. */
export function callOf({ name }: FunctionCode) {
  const now = Date.now();
  const request = { id: 'first', attempt: 1, run: 1, createdAt: now, deadline: now + 60_000 };
  return { action: name, request, identity: { user: 'benchmark', tenant: 'benchmark' } };
}
