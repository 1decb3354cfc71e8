import { db, schemas } from '../dynalite';
import type { ParsedRequest } from '../dynalite/shapes';
import { consumedCapacities, consumedCapacity } from './consumed-capacity';
import type { Meter } from './meter';
import type { Item } from './model';
import { assertValid, keyOf, parse } from './requests';
import { itemBytes } from './sizes';
import type { Store } from './store';
import type { Table } from './table';

/**
 * Maximum size of a BatchGetItem response in bytes. Keys beyond this limit are returned as `UnprocessedKeys` (API
 * reference, BatchGetItem).
 */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

/** Executes GetItem and BatchGetItem. */
export class Reads {
  constructor(private readonly store: Store) {}

  public get(input: ParsedRequest, meter: Meter): object {
    const data = parse(input, schemas.getItem);
    const item = this.read(this.store.table(data.TableName), data.Key, data, meter);
    return { Item: item, ConsumedCapacity: consumedCapacity(meter, data.ReturnConsumedCapacity) };
  }

  public batchGet(input: ParsedRequest, meter: Meter): object {
    const data = parse(input, schemas.batchGetItem);
    const Responses: Record<string, Item[]> = {};
    const UnprocessedKeys: Record<string, ParsedRequest> = {};
    let bytes = 0;
    for (const [name, request] of Object.entries<ParsedRequest>(data.RequestItems)) {
      const table = this.store.table(name);
      const found: Item[] = [];
      const tooMuch: ParsedRequest[] = [];
      for (const key of request.Keys) {
        if (bytes > MAX_BATCH_BYTES) {
          tooMuch.push(key);
          continue;
        }
        const item = this.read(table, key, request, meter);
        if (item) found.push(item);
        bytes += item ? itemBytes(item) : 0;
      }
      Responses[name] = found;
      if (tooMuch.length > 0) UnprocessedKeys[name] = { ...withoutParsed(request), Keys: tooMuch };
    }
    const ConsumedCapacity = consumedCapacities(meter, data.ReturnConsumedCapacity);
    return { Responses, UnprocessedKeys, ConsumedCapacity };
  }

  /** Reads one item with the projection of `request`. */
  public read(table: Table, key: ParsedRequest, request: ParsedRequest, meter: Meter): Item | undefined {
    const at = keyOf(key, table.description);
    assertValid(db.validateKeyPaths(request._projection?.nestedPaths, table.description));
    const item = table.get(at);
    meter.readItem(table, item, request.ConsistentRead === true || meter.factor === 2);
    const paths = request._projection ? request._projection.paths : request.AttributesToGet;
    return item && paths ? db.mapPaths(paths, item) : item;
  }
}

function withoutParsed(request: ParsedRequest): ParsedRequest {
  return Object.fromEntries(Object.entries(request).filter(([name]) => !name.startsWith('_')));
}
