import { useEffect, useState } from 'react';
import type { Json as JsonValue, TableView } from '../../types';
import { api } from '../api';
import { setParams, useRoute } from '../context';
import { useLoaded, useNow } from '../hooks';
import { plural } from '../logic/format';
import { linkTo } from '../logic/route';
import { Empty } from '../ui/Empty';
import { Json } from '../ui/Json';
import { Search } from '../ui/Search';

/**
 * Interval in milliseconds at which items are counted while the view is open. Tables do not report changes to the page.
 */
const COUNT_EVERY_MS = 2000;

/** The tables and their items. */
export function TablesView() {
  const { params } = useRoute();
  const turn = Math.floor(useNow() / COUNT_EVERY_MS);
  const { value: tables = [], problem } = useLoaded(() => api.tables(), 'tables', turn);
  const open = tables.find(({ tableName }) => tableName === params.table) ?? tables[0];
  return (
    <>
      <h1 className="view-title">Tables</h1>
      {problem && <p className="problem">{problem}</p>}
      <nav className="tabs" aria-label="Tables">
        {tables.map(({ tableName, path, items }) => (
          <a
            key={tableName}
            href={linkTo('tables', { table: tableName })}
            aria-current={tableName === open?.tableName ? 'page' : undefined}
            title={tableName}
          >
            {shortPath(path)} <span className="count">{items}</span>
          </a>
        ))}
      </nav>
      {open && <Items key={open.tableName} table={open} partition={params.partition ?? ''} />}
    </>
  );
}

/** Shortens the path of a table for display: `Stack/Streamer/Requests/Table` becomes `Streamer/Requests`. */
function shortPath(path: string): string {
  return path
    .split('/')
    .slice(1)
    .join('/')
    .replace(/\/Table$/, '');
}

interface Pages {
  readonly items: readonly JsonValue[];
  readonly next?: string;
}

function Items({ table, partition }: { readonly table: TableView; readonly partition: string }) {
  const { tableName, partitionKey, sortKey, path } = table;
  const first = useLoaded(() => api.items(tableName, partition), `${tableName} ${partition}`, table.items);
  const [more, setMore] = useState<Pages>();
  // additional items belong to the earlier first page
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new first page replaces all items
  useEffect(() => setMore(undefined), [first.value]);
  const items = [...(first.value?.items ?? []), ...(more?.items ?? [])];
  const next = more ? more.next : first.value?.next;
  const load = async () => {
    const page = await api.items(tableName, partition, next);
    setMore({ items: [...(more?.items ?? []), ...page.items], next: page.next });
  };
  return (
    <>
      <div className="toolbar">
        <Search
          label={`${partitionKey} is exactly …`}
          value={partition}
          onChange={(text) => setParams({ partition: text })}
        />
        <button type="button" className="button" onClick={first.reload}>
          Reload
        </button>
        <span className="hint">
          {path} · key {partitionKey}
          {sortKey && `, ${sortKey}`}
        </span>
      </div>
      {first.problem && <p className="problem">{first.problem}</p>}
      {first.value && items.length === 0 ? (
        <Empty title={partition ? 'No item with this key' : 'The table is empty'} />
      ) : (
        <ol className="entries panel">
          {items.map((item) => (
            <ItemRow key={keyOf(item, table)} item={item} table={table} />
          ))}
        </ol>
      )}
      {next && (
        <button type="button" className="button" onClick={load}>
          More items
        </button>
      )}
      <p className="unseen" role="status">
        {plural(items.length, 'item')}
      </p>
    </>
  );
}

function ItemRow({ item, table }: { readonly item: JsonValue; readonly table: TableView }) {
  const { [table.partitionKey]: partition, ...rest } = item as Record<string, JsonValue>;
  const sort = table.sortKey === undefined ? undefined : rest[table.sortKey];
  const others = Object.entries(rest).filter(([name]) => name !== table.sortKey);
  return (
    <li>
      <details>
        <summary>
          <code className="item-key">{String(partition)}</code>
          {sort !== undefined && <code className="item-sort">{String(sort)}</code>}
          <code className="frame-text">
            {others.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join('  ')}
          </code>
        </summary>
        <Json value={item} label="item" />
      </details>
    </li>
  );
}

function keyOf(item: JsonValue, { partitionKey, sortKey }: TableView): string {
  const values = item as Record<string, JsonValue>;
  return JSON.stringify([values[partitionKey], sortKey && values[sortKey]]);
}
