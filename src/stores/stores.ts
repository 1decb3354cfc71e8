import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { ENV, REQUESTS, SUBSCRIPTIONS } from '../contract';
import { grantKeyOfTable } from '../grants/encryption';
import type { IStreamerTables } from '../options/streamer-tables-options';
import type { IndexSchema } from './schema';

/** The four tables, with the permissions on them that functions may get. */
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

/** A table whose grant methods give a function both the permission and the table's name. */
export abstract class Store {
  protected constructor(
    public readonly table: ITable,
    /** Environment variable that holds the table's name. */
    private readonly environmentName: string,
  ) {}

  /** Grants actions on the table itself, not on its indexes or its stream. */
  protected grantTable(fn: LambdaFunction, ...actions: string[]): void {
    fn.addToRolePolicy(statement(actions, this.table.tableArn));
    fn.addEnvironment(this.environmentName, this.table.tableName);
    if (this.table.encryptionKey) grantKeyOfTable(fn, this.table.encryptionKey);
  }

  /** Grants reading one index. */
  protected grantIndex(fn: LambdaFunction, index: IndexSchema): void {
    fn.addToRolePolicy(statement(['Query'], `${this.table.tableArn}/index/${index.indexName}`));
  }
}

function statement(actions: string[], resource: string): PolicyStatement {
  return new PolicyStatement({ actions: actions.map((action) => `dynamodb:${action}`), resources: [resource] });
}

/** One item per WebSocket connection. */
export class ConnectionsTable extends Store {
  public constructor(table: ITable) {
    super(table, ENV.connectionsTable);
  }

  /** Grants writes at connect and disconnect, and the transaction check that a connection is still the same one. */
  public grantRegister(fn: LambdaFunction): void {
    this.grantTable(fn, 'PutItem', 'DeleteItem', 'ConditionCheckItem');
  }

  /** Grants sending to connections: reading their owner, and removing those that are gone. */
  public grantDeliver(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'DeleteItem');
  }

  /** Grants removing connections that are gone. */
  public grantForget(fn: LambdaFunction): void {
    this.grantTable(fn, 'DeleteItem');
  }
}

/** One small item per async request; its stream is the outbox. */
class RequestsTable extends Store {
  public constructor(table: ITable) {
    super(table, ENV.requestsTable);
  }

  /** Grants accepting requests, and finding them again by their ids. */
  public grantAccept(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'PutItem');
  }

  /**
   * Grants changes of a request's state, from the state that a message or the stream reported. Each write returns the item, so none is
   * read.
   */
  public grantTransitions(fn: LambdaFunction): void {
    this.grantTable(fn, 'UpdateItem');
  }

  /** Grants reading a request and the lock of its action, before both are claimed in one transaction. */
  public grantClaimAlone(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem');
  }

  /** Grants finding requests that are due, waking them, and storing the watermark. */
  public grantSweep(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'UpdateItem');
    this.grantIndex(fn, REQUESTS.due);
  }
}

/**
 * One item per viewer of a request, or per member of a topic. The table has no stream, because no function reacts when viewers come and go.
 */
export class SubscriptionsTable extends Store {
  public constructor(table: ITable) {
    super(table, ENV.subscriptionsTable);
  }

  /** Grants adding and removing viewers, including all viewers of one connection. */
  public grantManage(fn: LambdaFunction): void {
    this.grantTable(fn, 'PutItem', 'DeleteItem');
    this.grantIndex(fn, SUBSCRIPTIONS.byConnection);
  }

  /** Grants reading the viewers, and removing those that are gone. */
  public grantDeliver(fn: LambdaFunction): void {
    this.grantTable(fn, 'Query', 'DeleteItem');
  }
}

/** The logs: entries, heads, inputs and results. The table has no stream, because the function that appends an entry also sends it. */
export class EventsTable extends Store {
  public constructor(table: ITable) {
    super(table, ENV.eventsTable);
  }

  /** Grants storing inputs, and reading results and the last progress. None of these items is a log entry. */
  public grantBodies(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'PutItem');
  }

  /** Grants writing topics. A topic's head names the end of its log, so no query is needed. */
  public grantTopics(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'PutItem');
  }

  /** Grants appending a terminal entry that follows from a request's state. */
  public grantAppend(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'PutItem', 'Query');
  }

  /** Grants appending entries and writing the log's head. */
  public grantWrite(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'PutItem', 'Query', 'UpdateItem');
  }
}
