import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCHMARKS } from './benchmarks';
import { readResult } from './results';
import { ROOT } from './versions';

/** The page with the table that is generated from the results. */
export const PAGE = join(ROOT, 'docs', 'benchmarks.md');

const BEGIN = '<!-- written by `npm run bench`: begin -->';
const END = '<!-- end -->';

/** Renders the results as a table. It has one row per figure, in the order of the benchmarks' descriptions. */
export function renderTable(): string {
  const rows = [...BENCHMARKS].flatMap(([name, { figures }]) => {
    const result = readResult(name);
    return Object.entries(figures).flatMap(([figure, meaning]) => {
      const value = result?.figures[figure];
      return value === undefined ? [] : [`| ${name} | \`${figure}\` | ${format(value)} | ${meaning} |`];
    });
  });
  return ['| benchmark | figure | value | what it is |', '| --- | --- | ---: | --- |', ...rows].join('\n');
}

/** Returns the text between the two marks of a page. @throws Error if a mark is missing */
export function tableIn(page: string): string {
  const [, rest] = page.split(`${BEGIN}\n`);
  const [table] = rest?.split(`\n${END}`) ?? [];
  if (table === undefined || !page.includes(END)) throw new Error(`${PAGE} must have ${BEGIN} and ${END}`);
  return table;
}

/** Replaces the table of the page. */
export function writeTable(): void {
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(
    PAGE,
    page.replace(`${BEGIN}\n${tableIn(page)}\n${END}`, () => `${BEGIN}\n${renderTable()}\n${END}`),
  );
}

/** Formats a number without an exponent, because exponents are hard to read in a table. */
function format(value: number): string {
  return value >= 0.001 || value === 0 ? String(value) : value.toFixed(8).replace(/0+$/, '');
}
