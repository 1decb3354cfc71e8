import type { StateSlot } from '../../state';
import type { Clock } from '../../types';
import type { ParsedRequest } from '../dynalite/shapes';
import { totalUnits } from './consumed-capacity';
import { unknownOperation } from './errors';
import { IndexLag } from './index-lag';
import { Meter } from './meter';
import { Persistence } from './persistence';
import { Queries } from './queries';
import { Reads } from './reads';
import { Store } from './store';
import { StreamApi } from './stream-api';
import type { Table } from './table';
import { Tables } from './tables';
import { Transactions } from './transactions';
import { TimeToLiveApi } from './ttl-api';
import { Writes } from './writes';

/** Consumption of one operation on one table and its indexes, in the units that AWS bills. */
export interface Call {
  readonly operation: string;
  readonly table: string;
  readonly readUnits: number;
  readonly writeUnits: number;
}

export interface EngineOptions {
  readonly region: string;
  readonly accountId: string;
  readonly streamShards: number;
  readonly timeToLiveSweepMs: number;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly onCall: (call: Call) => void;
  /** Returns the lag of the next query of an index in milliseconds. @default - indexes do not lag */
  readonly indexLagMs?: () => number;
  /** Storage of the state. Without a storage, the data is lost when the process ends. */
  readonly state?: EngineState;
}

export interface EngineState {
  readonly slot: StateSlot;
  /**
   * Returns the last record of a shard that all readers have processed, or undefined if a reader may still need all
   * records.
   */
  readonly doneUpTo: (streamArn: string, shardId: string) => string | undefined;
}

type Operation = (input: ParsedRequest, meter: Meter) => object | Promise<object>;

/** A DynamoDB in memory. It executes operations with the input and output of the JSON protocol. */
export class Engine {
  public readonly streams: StreamApi;
  public readonly timeToLive: TimeToLiveApi;
  private readonly operations: ReadonlyMap<string, Operation>;

  constructor(private readonly options: EngineOptions) {
    const lag = options.indexLagMs && new IndexLag(options.indexLagMs, options.clock);
    const store = new Store((table, changes, cause) => {
      lag?.written(table, changes);
      table.stream?.append(changes, cause);
      this.timeToLive.track(table, changes);
    });
    this.streams = new StreamApi(store, options.clock);
    const persistence = options.state && new Persistence(store, { ...options, ...options.state });
    const onChange = (table: Table | string) =>
      typeof table === 'string' ? persistence?.dropped(table) : persistence?.tableChanged(table);
    this.timeToLive = new TimeToLiveApi(store, options.clock, options.timeToLiveSweepMs, onChange);
    const writes = new Writes(store);
    const reads = new Reads(store);
    const transactions = new Transactions(store, writes, reads, options.clock);
    const tables = new Tables(store, { ...options, shards: options.streamShards, onChange });
    this.operations = new Map([
      ...tableOperations(tables, this.timeToLive),
      ...itemOperations(reads, writes, new Queries(store, lag), transactions),
      ...streamOperations(this.streams),
    ]);
    if (persistence) this.resume(store, persistence);
  }

  private resume(store: Store, persistence: Persistence): void {
    persistence.restore();
    store.keep = (changes, cause) => persistence.written(changes, cause);
    this.timeToLive.arm();
  }

  /**
   * Executes an operation.
   *
   * @param target service and operation, such as `DynamoDB.PutItem` or `DynamoDBStreams.GetRecords`
   * @param input input of the operation. The engine may keep or change parts of the input, so the caller must not use
   * it again.
   * @throws ServiceError, or an error of dynalite with the same fields. Both are responses to the client.
   */
  public async execute(target: string, input: ParsedRequest): Promise<object> {
    const run = this.operations.get(target);
    if (!run) throw unknownOperation(`${target} is not an operation of the local DynamoDB`);
    const operation = target.split('.')[1];
    const meter = new Meter(operation.startsWith('Transact') ? 2 : 1);
    try {
      return await run(input, meter);
    } finally {
      for (const usage of meter.usages())
        this.options.onCall({ operation, table: usage.table.name, ...totalUnits(usage) });
    }
  }

  public close(): void {
    this.timeToLive.stop();
  }
}

function tableOperations(tables: Tables, timeToLive: TimeToLiveApi): [string, Operation][] {
  return [
    ['DynamoDB.CreateTable', (input) => tables.create(input)],
    ['DynamoDB.UpdateTable', (input) => tables.update(input)],
    ['DynamoDB.DeleteTable', (input) => tables.delete(input)],
    ['DynamoDB.DescribeTable', (input) => tables.describe(input)],
    ['DynamoDB.ListTables', (input) => tables.list(input)],
    ['DynamoDB.UpdateTimeToLive', (input) => timeToLive.update(input)],
    ['DynamoDB.DescribeTimeToLive', (input) => timeToLive.describe(input)],
  ];
}

function itemOperations(
  reads: Reads,
  writes: Writes,
  queries: Queries,
  transactions: Transactions,
): [string, Operation][] {
  return [
    ['DynamoDB.GetItem', (input, meter) => reads.get(input, meter)],
    ['DynamoDB.BatchGetItem', (input, meter) => reads.batchGet(input, meter)],
    ['DynamoDB.PutItem', (input, meter) => writes.single('put', input, meter)],
    ['DynamoDB.UpdateItem', (input, meter) => writes.single('update', input, meter)],
    ['DynamoDB.DeleteItem', (input, meter) => writes.single('delete', input, meter)],
    ['DynamoDB.BatchWriteItem', (input, meter) => writes.batch(input, meter)],
    ['DynamoDB.Query', (input, meter) => queries.page('query', input, meter)],
    ['DynamoDB.Scan', (input, meter) => queries.page('scan', input, meter)],
    ['DynamoDB.TransactWriteItems', (input, meter) => transactions.write(input, meter)],
    ['DynamoDB.TransactGetItems', (input, meter) => transactions.get(input, meter)],
  ];
}

function streamOperations(streams: StreamApi): [string, Operation][] {
  return [
    ['DynamoDBStreams.ListStreams', (input) => streams.list(input)],
    ['DynamoDBStreams.DescribeStream', (input) => streams.describe(input)],
    ['DynamoDBStreams.GetShardIterator', (input) => streams.getIterator(input)],
    ['DynamoDBStreams.GetRecords', (input) => streams.getRecords(input)],
  ];
}
