/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Number of the page, from 1. */
  readonly number: number;
  readonly pages: number;
  /** Position of the first item in the whole list, from 1; 0 for an empty list. */
  readonly first: number;
  readonly total: number;
}

interface PageChoice {
  /** Page number in the page's address, from 1. */
  readonly page: string | undefined;
  readonly rows: number;
  /** Index of the item whose page is shown if no page is chosen; negative if there is no such item. */
  readonly showing: number;
}

/** Returns the chosen page, or the last page if the list has become too short for it. */
export function pageOf<T>(list: readonly T[], { page, rows, showing }: PageChoice): Page<T> {
  const pages = Math.max(1, Math.ceil(list.length / rows));
  const wanted = Number(page ?? '') || Math.floor(Math.max(0, showing) / rows) + 1;
  const number = Math.min(pages, Math.max(1, Math.trunc(wanted)));
  const from = (number - 1) * rows;
  const items = list.slice(from, from + rows);
  return { items, number, pages, first: items.length === 0 ? 0 : from + 1, total: list.length };
}
