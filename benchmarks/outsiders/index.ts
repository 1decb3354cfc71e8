import { type Benchmark, readResult } from '../lib/results';
import { PARTS } from './parts';

/**
 * Measures figures that are independent of each other, one part at a time.
 *
 * `npm run bench -- outsiders slow-viewer` measures one part and keeps the other figures of the committed result.
 */
export const outsiders: Benchmark = async (report, only = []) => {
  const unknown = only.filter((name) => !PARTS.has(name));
  if (unknown.length > 0) throw new Error(`no part ${unknown.join(', ')}. The parts: ${[...PARTS.keys()].join(', ')}`);
  const before = only.length > 0 ? readResult('outsiders') : undefined;
  const versions = { ...before?.versions };
  const figures = { ...before?.figures };
  for (const [name, { load }] of PARTS) {
    if (only.length > 0 && !only.includes(name)) continue;
    report(`${name} …`);
    const part = await (await load())(report);
    Object.assign(versions, part.versions);
    Object.assign(figures, part.figures);
  }
  return { versions, figures };
};
