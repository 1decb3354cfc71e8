import { join } from 'node:path';
import type { Benchmark } from '../lib/results';
import { withScratch } from '../lib/scratch';
import { significant } from '../lib/statistics';
import { versionsOf } from '../lib/versions';
import { bundledWith, HANDLERS, type Variant } from './bundling-variants';

/** Measures how much the names of functions and classes add to the size of a bundle. */
export const keepNames: Benchmark = (report) =>
  withScratch(async (folder) => {
    const kept = await bundledWith(join(folder, 'kept'), {});
    const without = await bundledWith(join(folder, 'without'), { keepNames: false });
    const ratios = sizeRatios(kept, without);
    for (const name of HANDLERS) report(`${name}: ${without[name].kilobytes} KB, ×${significant(ratios[name], 4)}`);
    return {
      versions: versionsOf('esbuild'),
      figures: { keep_names_size_ratio: significant(Math.max(...Object.values(ratios)), 4) },
    };
  });

/**
 * Returns the size of the code that each function loads at its start, divided by its size without the names.
 *
 * @throws Error if a bundle with names is not larger. That means that esbuild did not receive the option
 */
export function sizeRatios(kept: Variant, without: Variant): Record<string, number> {
  const ratios = HANDLERS.map((name) => [name, kept[name].kilobytes / without[name].kilobytes] as const);
  const equal = ratios.filter(([, ratio]) => ratio <= 1).map(([name]) => name);
  if (equal.length > 0) throw new Error(`names add nothing to the size of ${equal.join(', ')}`);
  return Object.fromEntries(ratios);
}
