import { db, schemas, updateItemAction } from '../dynalite';
import type { ActionStore, ParsedRequest } from '../dynalite/shapes';
import { isTrue } from './conditions';
import { consumedCapacities, consumedCapacity } from './consumed-capacity';
import { conditionFailed, validationError } from './errors';
import type { Meter } from './meter';
import type { Item } from './model';
import { assertValid, keyOf, parse, singleWrites } from './requests';
import { itemBytes, MAX_ITEM_BYTES } from './sizes';
import type { Store } from './store';
import type { Table } from './table';
import { withFixedValues } from './update-values';

export type WriteKind = keyof typeof singleWrites;

/** Executes PutItem, UpdateItem, DeleteItem and BatchWriteItem. Transactions use the same steps. */
export class Writes {
  constructor(private readonly store: Store) {}

  public single(kind: WriteKind, input: ParsedRequest, meter: Meter): object {
    const data = parse(input, singleWrites[kind]);
    const table = this.store.table(data.TableName);
    const Attributes = this.store.atomically(() => this.apply(kind, table, data, meter));
    return { Attributes, ConsumedCapacity: consumedCapacity(meter, data.ReturnConsumedCapacity) };
  }

  public batch(input: ParsedRequest, meter: Meter): object {
    const data = parse(input, schemas.batchWriteItem);
    const steps = Object.entries<ParsedRequest[]>(data.RequestItems).flatMap(([name, requests]) =>
      batchSteps(this.store.table(name), requests),
    );
    this.store.atomically(() => {
      for (const { kind, table, data } of steps) this.apply(kind, table, data, meter);
    });
    return { UnprocessedItems: {}, ConsumedCapacity: consumedCapacities(meter, data.ReturnConsumedCapacity) };
  }

  /**
   * Executes one write in the callback of `atomically`.
   *
   * @returns the attributes that `ReturnValues` requests
   */
  public apply(kind: WriteKind, table: Table, data: ParsedRequest, meter: Meter): Item | undefined {
    const key = itemKey(kind, table, data);
    const before = table.get(key);
    try {
      checkCondition(data, before);
    } catch (refusal) {
      meter.writeItem(table, before, kind === 'put' ? data.Item : undefined);
      throw refusal;
    }
    if (kind === 'update') return this.update(table, key, data, meter);
    this.write(table, key, kind === 'put' ? data.Item : undefined, meter);
    return data.ReturnValues === 'ALL_OLD' ? before : undefined;
  }

  private write(table: Table, key: string, after: Item | undefined, meter: Meter): void {
    const before = table.get(key);
    const indexWrites = this.store.write(table, key, after);
    meter.writeItem(table, before, after);
    meter.writeIndexes(table, indexWrites);
  }

  /**
   * Updates an item. Dynalite computes the new item; this engine evaluates the condition and changes the item and its
   * index entries.
   */
  private update(table: Table, key: string, data: ParsedRequest, meter: Meter): Item | undefined {
    const put = (item: Item) => {
      checkSize(item, 'Item size to update has exceeded the maximum allowed size');
      this.write(table, key, item, meter);
    };
    let outcome: { error: Error | null; value?: ParsedRequest } | undefined;
    const { _condition, Expected, ConditionalOperator, ReturnConsumedCapacity, ...unconditional } = data;
    const request = withFixedValues(unconditional, table.get(key) ?? data.Key);
    updateItemAction(updateStore(table, key, put), request, (error, value) => {
      outcome = { error, value };
    });
    if (!outcome) throw new Error('dynalite did not finish an update synchronously, which isolation requires');
    if (outcome.error) throw outcome.error;
    return outcome.value?.Attributes;
  }
}

/**
 * Returns the key of the item to write.
 *
 * @throws ValidationException if the key does not match the key schema
 */
export function itemKey(kind: WriteKind, table: Table, data: ParsedRequest): string {
  if (kind !== 'put') return keyOf(data.Key, table.description);
  assertValid(db.validateItem(data.Item, table.description));
  checkSize(data.Item, 'Item size has exceeded the maximum allowed size');
  return db.createKey(data.Item, table.description);
}

/**
 * Evaluates the condition of a write.
 *
 * @throws ConditionalCheckFailedException if the condition is false. The error contains the item if the caller
 * requested this.
 */
export function checkCondition(data: ParsedRequest, before: Item | undefined): void {
  const holds = data._condition ? isTrue(data._condition.expression, before ?? {}) : !db.checkConditional(data, before);
  if (!holds) throw conditionFailed(data.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? before : undefined);
}

function checkSize(item: Item, message: string): void {
  if (itemBytes(item) > MAX_ITEM_BYTES) throw validationError(message);
}

/**
 * Returns a store with a single item for dynalite's update action. The store calls its callbacks synchronously, so the
 * action is synchronous, too.
 */
function updateStore(table: Table, key: string, put: (item: Item) => void): ActionStore {
  const ignoreEntries = {
    put: (_key: string, _item: Item, done: Done) => done(null),
    del: (_key: string, done: Done) => done(null),
  };
  return {
    options: { maxItemSize: Number.POSITIVE_INFINITY },
    getTable: (_name, done) => done(null, table.description),
    getItemDb: () => ({
      lock: (_key, run) => run((done) => done),
      get: (_key, done) => done(null, table.get(key)),
      put: (_key, item, done) => {
        put(item);
        done(null);
      },
    }),
    getIndexDb: () => ignoreEntries,
  };
}

type Done = (error: Error | null) => void;

function batchSteps(table: Table, requests: readonly ParsedRequest[]) {
  const seen = new Set<string>();
  return requests.map((request) => {
    const kind: WriteKind = request.PutRequest ? 'put' : 'delete';
    const data: ParsedRequest = request.PutRequest ?? request.DeleteRequest;
    const key = batchKey(kind, table, data);
    if (seen.has(key)) throw validationError('Provided list of item keys contains duplicates');
    seen.add(key);
    return { kind, table, data };
  });
}

/**
 * Returns the key of an item in a batch. A put without a key causes the same error as a key that does not match the
 * schema.
 */
function batchKey(kind: WriteKind, table: Table, data: ParsedRequest): string {
  try {
    return itemKey(kind, table, data);
  } catch (error) {
    const isKeyProblem = error instanceof Error && /Missing the key|Type mismatch for key/.test(error.message);
    throw isKeyProblem ? validationError('The provided key element does not match the schema') : error;
  }
}
