import { plural } from '../logic/format';
import type { Page } from '../logic/paging';

interface PagesProps {
  readonly page: Page<unknown>;
  /** Name of one item of the list. */
  readonly name: string;
  onPage(number: number): void;
}

/** Shows the current page of a list, with links to the other pages. */
export function Pages({ page: { number, pages, first, total, items }, name, onPage }: PagesProps) {
  if (total === 0) return null;
  return (
    <nav className="pages" aria-label="Pages">
      <span className="hint" role="status">
        {pages === 1 ? plural(total, name) : `${first} to ${first + items.length - 1} of ${plural(total, name)}`}
      </span>
      {pages > 1 && (
        <>
          <button type="button" className="button small" disabled={number === 1} onClick={() => onPage(number - 1)}>
            Newer
          </button>
          <button type="button" className="button small" disabled={number === pages} onClick={() => onPage(number + 1)}>
            Older
          </button>
        </>
      )}
    </nav>
  );
}
