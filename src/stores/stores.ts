import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { ENV, REQUESTS, SUBSCRIPTIONS } from '../contract';
import { grantKeyOfTable } from '../grants/encryption';
import type { IStreamerTables } from '../options/streamer-tables-options';
import type { IndexSchema } from './schema';

/** The four tables with what functions may be granted of them. */
export interface Stores {
  readonly connections: ConnectionsTable;
  readonly requests: RequestsTable;
  readonly subscriptions: SubscriptionsTable;
  readonly events: EventsTable;
}

export function storesOf(tables: IStreamerTables): Stores {
  return {
    connections: new ConnectionsTable(tables.connections),
    requests: new RequestsTable(tables.requests),
    subscriptions: new SubscriptionsTable(tables.subscriptions),
    events: new EventsTable(tables.events),
  };
}

/** A table whose grants give a function the permission and the table's name together. */
export abstract class Store {
  protected constructor(
    public readonly table: ITable,
    /** Environment variable that tells a function the table's name. */
    private readonly environmentName: string,
  ) {}

  /** Actions on the table itself, none on its indexes or stream. */
  protected grantTable(fn: LambdaFunction, ...actions: string[]): void {
    fn.addToRolePolicy(statement(actions, this.table.tableArn));
    fn.addEnvironment(this.environmentName, this.table.tableName);
    if (this.table.encryptionKey) grantKeyOfTable(fn, this.table.encryptionKey);
  }

  /** Reading one index. */
  protected grantIndex(fn: LambdaFunction, index: IndexSchema): void {
    fn.addToRolePolicy(statement(['Query'], `${this.table.tableArn}/index/${index.indexName}`));
  }
}

function statement(actions: string[], resource: string): PolicyStatement {
  return new PolicyStatement({ actions: actions.map((action) => `dynamodb:${action}`), resources: [resource] });
}

/** One item a WebSocket connection. */
export class ConnectionsTable extends Store {
  public constructor(table: ITable) {
    super(table, ENV.connectionsTable);
  }

  /** Keeping the table: connect, disconnect, and the check in a transaction that a connection still is the one it was. */
  public grantRegister(fn: LambdaFunction): void {
    this.grantTable(fn, 'PutItem', 'DeleteItem', 'ConditionCheckItem');
  }

  /** Sending to connections: who they belong to, and removal of those that are gone. */
  public grantDeliver(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'DeleteItem');
  }

  /** Removal of connections that are gone. */
  public grantForget(fn: LambdaFunction): void {
    this.grantTable(fn, 'DeleteItem');
  }
}

/** One small item an async request; its stream is the outbox. */
class RequestsTable extends Store {
  public constructor(table: ITable) {
    super(table, ENV.requestsTable);
  }

  /** Accepting requests, and finding them again under the same id. */
  public grantAccept(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'PutItem');
  }

  /** Moving a request on, from the state that a message or the stream told of. Each move answers with the item: none is read. */
  public grantTransitions(fn: LambdaFunction): void {
    this.grantTable(fn, 'UpdateItem');
  }

  /** Grants reading a request and the lock of its action, before both are claimed in one transaction. */
  public grantClaimAlone(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem');
  }

  /** Finding what is due, waking it, and keeping the watermark. */
  public grantSweep(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'UpdateItem');
    this.grantIndex(fn, REQUESTS.due);
  }
}

/** One item a viewer of a request, or a member of a topic. Without a stream: nothing reacts to a viewer's coming or going. */
export class SubscriptionsTable extends Store {
  public constructor(table: ITable) {
    super(table, ENV.subscriptionsTable);
  }

  /** Viewers coming and going, all of one connection among them. */
  public grantManage(fn: LambdaFunction): void {
    this.grantTable(fn, 'PutItem', 'DeleteItem');
    this.grantIndex(fn, SUBSCRIPTIONS.byConnection);
  }

  /** Who watches, and removal of those who are gone. */
  public grantDeliver(fn: LambdaFunction): void {
    this.grantTable(fn, 'Query', 'DeleteItem');
  }
}

/** The logs: entries, heads, inputs and results. Without a stream: a writer sends what it has appended. */
export class EventsTable extends Store {
  public constructor(table: ITable) {
    super(table, ENV.eventsTable);
  }

  /** Keeping inputs, and reading results and the last progress. Neither of them a log's entry. */
  public grantBodies(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'PutItem');
  }

  /** Writing topics, whose heads say where their logs end: nothing is looked for. */
  public grantTopics(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'PutItem');
  }

  /** Appending a terminal entry that the request implies. */
  public grantAppend(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'PutItem', 'Query');
  }

  /** Appending, and writing the log's head. */
  public grantWrite(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'PutItem', 'Query', 'UpdateItem');
  }
}
