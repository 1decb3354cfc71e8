import type { Clock } from '../../types';
import { schemas } from '../dynalite';
import type { ParsedRequest } from '../dynalite/shapes';
import { resourceInUse, resourceNotFound, validationError } from './errors';
import type { IndexDescription, StreamViewType } from './model';
import { parse } from './requests';
import { itemBytes } from './sizes';
import type { Store } from './store';
import { TableStream } from './stream';
import { Table } from './table';
import { createTableSchema, refuseUnknownUpdates, updateTableSchema } from './table-requests';

export interface TablesOptions {
  readonly region: string;
  readonly accountId: string;
  /** Number of shards per stream. */
  readonly shards: number;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Called with a new or changed table, or with the name of a deleted table. */
  readonly onChange?: (table: Table | string) => void;
}

/**
 * Executes CreateTable, UpdateTable, DeleteTable, DescribeTable and ListTables. A created table is active at once, and
 * a deleted table is removed at once.
 */
export class Tables {
  constructor(
    private readonly store: Store,
    private readonly options: TablesOptions,
  ) {}

  public create(input: ParsedRequest): object {
    const { StreamSpecification, BillingMode, ...data } = parse(input, createTableSchema);
    if (this.store.find(data.TableName)) throw resourceInUse(`Table already exists: ${data.TableName}`);
    const table = new Table(this.newDescription(data, BillingMode));
    this.store.add(table);
    if (StreamSpecification?.StreamEnabled) this.startStream(table, StreamSpecification.StreamViewType);
    this.options.onChange?.(table);
    return { TableDescription: describe(table) };
  }

  public update(input: ParsedRequest): object {
    refuseUnknownUpdates(input);
    const data = parse(input, updateTableSchema);
    const table = this.named(data.TableName);
    for (const { Create, Delete } of data.GlobalSecondaryIndexUpdates ?? []) {
      if (Create) this.addIndex(table, Create, data.AttributeDefinitions);
      else this.removeIndex(table, Delete.IndexName);
    }
    if (data.StreamSpecification) this.switchStream(table, data.StreamSpecification);
    if (data.BillingMode) table.description.BillingModeSummary = { BillingMode: data.BillingMode };
    this.options.onChange?.(table);
    return { TableDescription: describe(table) };
  }

  public delete(input: ParsedRequest): object {
    const table = this.named(parse(input, schemas.deleteTable).TableName);
    this.store.remove(table.name);
    if (table.stream) table.stream.closed = true;
    this.options.onChange?.(table.name);
    return { TableDescription: { ...describe(table), TableStatus: 'DELETING' } };
  }

  public describe(input: ParsedRequest): object {
    return { Table: describe(this.named(parse(input, schemas.describeTable).TableName)) };
  }

  public list(input: ParsedRequest): object {
    const { ExclusiveStartTableName = '', Limit = 100 } = parse(input, schemas.listTables);
    const names = this.store.all().map((table) => table.name);
    const rest = names.filter((name) => name > ExclusiveStartTableName).sort();
    const TableNames = rest.slice(0, Limit);
    return { TableNames, LastEvaluatedTableName: rest.length > Limit ? TableNames[Limit - 1] : undefined };
  }

  private named(name: string): Table {
    const table = this.store.find(name);
    if (!table) throw resourceNotFound(`Requested resource not found: Table: ${name} not found`);
    return table;
  }

  private newDescription(data: ParsedRequest, billingMode: string | undefined): Table['description'] {
    const { clock, newId } = this.options;
    const TableArn = this.arn(data.TableName);
    const active = (index: IndexDescription) => ({
      ...index,
      IndexStatus: 'ACTIVE',
      IndexArn: `${TableArn}/index/${index.IndexName}`,
    });
    return {
      ...(data as Table['description']),
      LocalSecondaryIndexes: data.LocalSecondaryIndexes?.map(active),
      GlobalSecondaryIndexes: data.GlobalSecondaryIndexes?.map(active),
      TableStatus: 'ACTIVE',
      TableArn,
      TableId: newId(),
      CreationDateTime: clock.now() / 1000,
      ProvisionedThroughput: {
        ReadCapacityUnits: 0,
        WriteCapacityUnits: 0,
        ...data.ProvisionedThroughput,
        NumberOfDecreasesToday: 0,
      },
      ...(billingMode === 'PAY_PER_REQUEST' && { BillingModeSummary: { BillingMode: billingMode } }),
    };
  }

  private arn(name: string): string {
    return `arn:aws:dynamodb:${this.options.region}:${this.options.accountId}:table/${name}`;
  }

  private addIndex(
    table: Table,
    create: IndexDescription,
    definitions: Table['description']['AttributeDefinitions'] = [],
  ): void {
    const { description } = table;
    if (description.GlobalSecondaryIndexes?.some((index) => index.IndexName === create.IndexName)) {
      throw validationError(`Attempting to create an index which already exists: ${create.IndexName}`);
    }
    const known = new Map([...description.AttributeDefinitions, ...definitions].map((one) => [one.AttributeName, one]));
    const missing = create.KeySchema.filter(({ AttributeName }) => !known.has(AttributeName));
    if (missing.length > 0) {
      throw validationError(
        'One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. ' +
          `Keys: [${missing.map((element) => element.AttributeName).join(', ')}]`,
      );
    }
    description.AttributeDefinitions = [...known.values()];
    const IndexArn = `${this.arn(table.name)}/index/${create.IndexName}`;
    table.addIndex({ ...create, IndexStatus: 'ACTIVE', IndexArn });
  }

  private removeIndex(table: Table, name: string): void {
    if (!table.description.GlobalSecondaryIndexes?.some((index) => index.IndexName === name)) {
      throw resourceNotFound(`Requested resource not found: Index: ${name} not found`);
    }
    table.removeIndex(name);
  }

  private switchStream(table: Table, wanted: { StreamEnabled: boolean; StreamViewType: StreamViewType }): void {
    if (wanted.StreamEnabled) {
      if (table.stream) throw resourceInUse(`Table already has an enabled stream: TableName: ${table.name}`);
      this.startStream(table, wanted.StreamViewType);
    } else {
      if (!table.stream) throw validationError(`Table is already stream disabled: TableName: ${table.name}`);
      table.stream.closed = true;
      table.pastStreams.push(table.stream);
      table.stream = undefined;
    }
  }

  private startStream(table: Table, viewType: StreamViewType): void {
    const { region, shards, clock, newId } = this.options;
    const label = this.freshLabel(table);
    const arn = `${this.arn(table.name)}/stream/${label}`;
    table.stream = new TableStream({ table: table.description, viewType, arn, label, region, shards, clock, newId });
  }

  /**
   * Returns the label of a new stream: the current time, as on AWS. If the previous stream has the same label, the new
   * label is one millisecond later.
   */
  private freshLabel(table: Table): string {
    const taken = new Set(table.pastStreams.map((stream) => stream.options.label));
    let at = this.options.clock.now();
    while (taken.has(labelOf(at))) at++;
    return labelOf(at);
  }
}

function labelOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, -1);
}

/**
 * Returns the current description of a table. Its sizes and counts are exact, whereas AWS updates them only every six
 * hours.
 */
function describe(table: Table): ParsedRequest {
  const { stream, description } = table;
  return {
    ...description,
    ItemCount: table.all().size,
    TableSizeBytes: [...table.all().entries()].reduce((sum, [, item]) => sum + itemBytes(item), 0),
    GlobalSecondaryIndexes: description.GlobalSecondaryIndexes?.map((index) => withCount(table, index)),
    LocalSecondaryIndexes: description.LocalSecondaryIndexes?.map((index) => withCount(table, index)),
    ...(stream && {
      StreamSpecification: { StreamEnabled: true, StreamViewType: stream.options.viewType },
      LatestStreamArn: stream.options.arn,
      LatestStreamLabel: stream.options.label,
    }),
  };
}

function withCount(table: Table, index: IndexDescription): object {
  const entries = table.index(index.IndexName);
  const IndexSizeBytes = [...entries.entries()].reduce((sum, [, item]) => sum + itemBytes(item), 0);
  return { ...index, ItemCount: entries.size, IndexSizeBytes };
}
