import { db, queryAction, scanAction, schemas } from '../dynalite';
import type { ActionStore, Expression, KeyRange, ParsedRequest } from '../dynalite/shapes';
import { isTrue } from './conditions';
import { consumedCapacity } from './consumed-capacity';
import type { IndexLag } from './index-lag';
import { indexesOf, indexKey } from './indexes';
import type { Meter } from './meter';
import type { Item } from './model';
import { RangeStream } from './range-stream';
import { parse } from './requests';
import { MAX_ITEM_BYTES } from './sizes';
import type { Store } from './store';
import type { Table } from './table';

const operations = {
  query: { action: queryAction, schema: schemas.query },
  scan: { action: scanAction, schema: schemas.scan },
};

/** Executes Query and Scan. Dynalite finds the items of a page; this engine filters, projects and counts them. */
export class Queries {
  /** @param lag lag of the indexes. @default - indexes do not lag */
  constructor(
    private readonly store: Store,
    private readonly lag?: IndexLag,
  ) {}

  public async page(operation: keyof typeof operations, input: ParsedRequest, meter: Meter): Promise<object> {
    const { action, schema } = operations[operation];
    const data = parse(input, schema);
    const table = this.store.table(data.TableName);
    const view = new PageView(table, data, this.lag);
    const page = await new Promise<ParsedRequest>((resolve, reject) => {
      action(view, pageRequest(table, data), (error, result) => (result ? resolve(result) : reject(error)));
    });
    view.charge(meter, page.ScannedCount);
    return { ...shape(page, data), ConsumedCapacity: consumedCapacity(meter, data.ReturnConsumedCapacity) };
  }
}

/**
 * Returns the request for dynalite. Dynalite needs the filter and the projection for its checks, but must not apply
 * them.
 */
function pageRequest(table: Table, data: ParsedRequest): ParsedRequest {
  const { ReturnConsumedCapacity, AttributesToGet, Select, _filter, _projection, ...rest } = data;
  return {
    ...rest,
    ...(Select === 'ALL_ATTRIBUTES' && { Select }),
    ...(_filter && { _filter: { ..._filter, expression: alwaysTrue(table) } }),
    ...(_projection && { _projection: { ..._projection, paths: undefined } }),
  };
}

function alwaysTrue(table: Table): Expression {
  const [hash] = table.description.KeySchema;
  return { type: 'function', name: 'attribute_exists', args: [[hash.AttributeName]] };
}

function shape(page: ParsedRequest, data: ParsedRequest): ParsedRequest {
  const found: Item[] = data._filter
    ? page.Items.filter((item: Item) => isTrue(data._filter.expression, item))
    : page.Items;
  const paths = data._projection ? data._projection.paths : data.AttributesToGet;
  return {
    Items: data.Select === 'COUNT' ? undefined : paths ? found.map((item) => db.mapPaths(paths, item)) : found,
    Count: found.length,
    ScannedCount: page.ScannedCount,
    LastEvaluatedKey: page.LastEvaluatedKey,
  };
}

/** A table during one query. It records the items that were read, because the caller pays for all of them. */
class PageView implements ActionStore {
  public readonly options = { maxItemSize: MAX_ITEM_BYTES };
  private readonly walked: Item[] = [];
  private readonly fetched: Item[] = [];

  constructor(
    private readonly table: Table,
    private readonly data: ParsedRequest,
    private readonly lag?: IndexLag,
  ) {}

  public getTable(_name: string, done: (error: null, table: Table['description']) => void): void {
    done(null, this.table.description);
  }

  public getItemDb() {
    return {
      createValueStream: (range: KeyRange) => new RangeStream(this.walk(this.table.all().entries(range))),
      get: (key: string, done: (error: Error | null, item?: Item) => void) => {
        const item = this.table.get(key);
        if (item) this.fetched.push(item);
        done(null, item);
      },
    };
  }

  public getIndexDb(_type: string, _table: string, name: string) {
    return {
      createValueStream: (range: KeyRange) => {
        const entries = this.table.index(name).entries(this.exactStart(name, range));
        return new RangeStream(this.walk(this.lag?.visible(this.table, entries) ?? entries));
      },
    };
  }

  public charge(meter: Meter, scannedCount: number): void {
    const consistent = this.data.ConsistentRead === true;
    meter.readRange(this.table, this.walked.slice(0, scannedCount), consistent, this.data.IndexName);
    for (const item of this.fetched) meter.readItem(this.table, item, consistent);
  }

  private *walk(items: Iterable<[string, Item]>): Generator<[string, Item]> {
    for (const entry of items) {
      this.walked.push(entry[1]);
      yield entry;
    }
  }

  /**
   * Replaces the end of dynalite's start key in an index. Dynalite uses a short hash of the table's key, but this
   * engine uses the key itself.
   */
  private exactStart(name: string, range: KeyRange): KeyRange {
    const { description } = this.table;
    const index = indexesOf(description).find((one) => one.IndexName === name);
    const start: Item | undefined = this.data.ExclusiveStartKey;
    if (!index || !start) return range;
    const rough = db.createIndexKey(start, description, index.KeySchema);
    const exact = indexKey(description, index, db.createKey(start, description), start);
    return {
      ...range,
      ...(range.gt === rough && { gt: exact }),
      ...(range.lt === rough && { lt: exact }),
    };
  }
}
