import type { StateSlot } from '../../state';
import type { Clock, StreamRecord } from '../../types';
import type { Change, Item, TableDescription, WriteCause } from './model';
import type { Store } from './store';
import { type StreamOptions, TableStream } from './stream';
import { Table } from './table';
import { TimeToLive } from './ttl';

/** Values that identify a stream and are the same in each run. */
type KeptStream = Pick<StreamOptions, 'viewType' | 'arn' | 'label' | 'shards'> & { readonly createdAt: number };

/** Kinds of journal records, by name. */
type KeptRecord =
  /** Current definition of a table, without its items. */
  | { readonly table: TableDescription; readonly stream?: KeptStream; readonly ttl?: string }
  | { readonly dropped: string }
  /** Writes of one operation. */
  | { readonly writes: readonly [table: string, key: string, after: Item | null][]; at: number; cause?: WriteCause }
  /** Current version of an item, in a checkpoint. */
  | { readonly item: readonly [table: string, key: string, item: Item] }
  /** Position of a stream, in a checkpoint. */
  | { readonly position: string; readonly sequence: string; readonly trimmed: readonly string[] }
  /** A record of a stream, in a checkpoint. */
  | { readonly record: readonly [table: string, shard: number, at: number, record: StreamRecord] };

export interface PersistenceOptions {
  readonly slot: StateSlot;
  readonly clock: Clock;
  readonly region: string;
  readonly newId: () => string;
  /**
   * Returns the last record of a shard that all readers have processed, or undefined if a reader may still need all
   * records.
   */
  readonly doneUpTo: (streamArn: string, shardId: string) => string | undefined;
}

/** Stores tables, items and stream records persistently, so that a later process has them. */
export class Persistence {
  public constructor(
    private readonly store: Store,
    private readonly options: PersistenceOptions,
  ) {
    options.slot.onSnapshot(() => this.snapshot());
  }

  /** Restores the persisted state. */
  public restore(): void {
    for (const record of this.options.slot.restore()) this.apply(record as KeptRecord);
    for (const table of this.store.all()) {
      if (table.timeToLive) table.timeToLive = new TimeToLive(table.timeToLive.attribute, table.all());
    }
  }

  /**
   * Stores the changes of one operation.
   *
   * @throws Error if they cannot be stored
   */
  public written(changes: readonly { readonly table: Table; readonly change: Change }[], cause: WriteCause): void {
    const writes = changes.map(({ table, change: { key, after } }) => [table.name, key, after ?? null] as const);
    const at = this.options.clock.now();
    this.options.slot.append({ writes, at, ...(cause !== 'user' && { cause }) });
  }

  public tableChanged(table: Table): void {
    this.options.slot.append(keptTable(table));
  }

  public dropped(name: string): void {
    this.options.slot.append({ dropped: name });
  }

  private apply(record: KeptRecord): void {
    if ('table' in record) this.applyTable(record);
    else if ('dropped' in record) this.store.remove(record.dropped);
    else if ('writes' in record) this.replay(record);
    else if ('item' in record) this.store.find(record.item[0])?.write(record.item[1], record.item[2]);
    else if ('position' in record) this.streamOf(record.position)?.resume(record.sequence, record.trimmed);
    else this.streamOf(record.record[0])?.put(record.record[1], record.record[2], record.record[3]);
  }

  private streamOf(table: string): TableStream | undefined {
    return this.store.find(table)?.stream;
  }

  /**
   * Applies a later definition of a table, which may change an index, the stream or the time to live. The items are
   * kept.
   */
  private applyTable({ table: description, stream, ttl }: Extract<KeptRecord, { table: unknown }>): void {
    const known = this.store.find(description.TableName);
    const table = new Table(description);
    for (const [key, item] of known?.all().entries() ?? []) table.write(key, item);
    table.stream = stream && (known?.stream?.options.arn === stream.arn ? known.stream : this.newStream(table, stream));
    if (ttl !== undefined) table.timeToLive = new TimeToLive(ttl, table.all());
    this.store.add(table);
  }

  private newStream(table: Table, kept: KeptStream): TableStream {
    const { region, clock, newId } = this.options;
    return new TableStream({ ...kept, table: table.description, region, clock, newId });
  }

  private replay({ writes, at, cause = 'user' }: Extract<KeptRecord, { writes: unknown }>): void {
    for (const [name, key, after] of writes) {
      const table = this.store.find(name);
      const written = table?.write(key, after ?? undefined);
      if (written) table?.stream?.append([written.change], cause, at);
    }
  }

  private *snapshot(): Generator<KeptRecord> {
    for (const table of this.store.all()) {
      yield keptTable(table);
      for (const [key, item] of table.all().entries()) yield { item: [table.name, key, item] };
      if (table.stream) yield* this.snapshotOf(table.name, table.stream);
    }
  }

  /**
   * Returns only the stream records that some reader has not processed. A later run delivers these records again. The
   * other records would only enlarge the state.
   */
  private *snapshotOf(table: string, stream: TableStream): Generator<KeptRecord> {
    const kept = stream.ordered.map((shard) => shard.after(this.options.doneUpTo(stream.options.arn, shard.id)));
    yield { position: table, sequence: stream.lastSequenceNumber, trimmed: kept.map(({ trimmed }) => trimmed) };
    for (const [shard, { entries }] of kept.entries()) {
      for (const { at, record } of entries) yield { record: [table, shard, at, record] };
    }
  }
}

function keptTable({ description, stream, timeToLive }: Table): KeptRecord {
  return {
    table: description,
    ...(stream && { stream: keptStream(stream) }),
    ...(timeToLive && { ttl: timeToLive.attribute }),
  };
}

function keptStream({ options: { viewType, arn, label, shards }, createdAt }: TableStream): KeptStream {
  return { viewType, arn, label, shards, createdAt };
}
