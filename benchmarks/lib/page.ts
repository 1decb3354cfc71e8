import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCHMARKS } from './benchmarks';
import { readResult } from './results';
import { ROOT } from './versions';

/** The page whose table is written from the results. */
export const PAGE = join(ROOT, 'docs', 'benchmarks.md');

const BEGIN = '<!-- written by `npm run bench`: begin -->';
const END = '<!-- end -->';

/** The results as a table: one row a figure, in the order in which the benchmarks describe them. */
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

/** What lies between the marks of a page. @throws Error where a mark is missing */
export function tableIn(page: string): string {
  const [, rest] = page.split(`${BEGIN}\n`);
  const [table] = rest?.split(`\n${END}`) ?? [];
  if (table === undefined || !page.includes(END)) throw new Error(`${PAGE} must have ${BEGIN} and ${END}`);
  return table;
}

/** Brings the page's table up to date. */
export function writeTable(): void {
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(
    PAGE,
    page.replace(`${BEGIN}\n${tableIn(page)}\n${END}`, () => `${BEGIN}\n${renderTable()}\n${END}`),
  );
}

/** Never in the form 2.1e-6, which reads badly in a table. */
function format(value: number): string {
  return value >= 0.001 || value === 0 ? String(value) : value.toFixed(8).replace(/0+$/, '');
}
