import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { ENV, REQUESTS, SUBSCRIPTIONS } from '../contract';
import { grantKeyOfTable } from '../grants/encryption';
import type { IStreamerTables } from '../options/streamer-tables-options';
import { PayloadsBucket } from './payloads';
import type { IndexSchema } from './schema';

/** The four tables and the bucket of payloads, as objects that grant functions access to them. */
export interface Stores {
  readonly connections: ConnectionsTable;
  readonly requests: RequestsTable;
  readonly subscriptions: SubscriptionsTable;
  readonly events: EventsTable;
  /** The bucket of payloads; undefined if the API has none. */
  readonly payloads?: PayloadsBucket;
}

export function storesOf(tables: IStreamerTables, bucket?: IBucket): Stores {
  return {
    payloads: bucket && new PayloadsBucket(bucket),
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

  private readonly statements = new Map<LambdaFunction, PolicyStatement>();

  /**
   * Grants actions on the table itself, not on its indexes or its stream. All actions of a function are in one statement, because the size of a role's
   * policies is limited.
   */
  protected grantTable(fn: LambdaFunction, ...actions: string[]): void {
    const granted = this.statements.get(fn);
    if (granted) granted.addActions(...actions.map(actionName));
    else this.grantFirst(fn, statement(actions, this.table.tableArn));
  }

  private grantFirst(fn: LambdaFunction, granted: PolicyStatement): void {
    this.statements.set(fn, granted);
    fn.addToRolePolicy(granted);
    fn.addEnvironment(this.environmentName, this.table.tableName);
    if (this.table.encryptionKey) grantKeyOfTable(fn, this.table.encryptionKey);
  }

  /** Grants reading one index. */
  protected grantIndex(fn: LambdaFunction, index: IndexSchema): void {
    fn.addToRolePolicy(statement(['Query'], `${this.table.tableArn}/index/${index.indexName}`));
  }
}

const actionName = (action: string): string => `dynamodb:${action}`;

function statement(actions: string[], resource: string): PolicyStatement {
  return new PolicyStatement({ actions: actions.map(actionName), resources: [resource] });
}

/** Table with one item per WebSocket connection. */
export class ConnectionsTable extends Store {
  public constructor(table: ITable) {
    super(table, ENV.connectionsTable);
  }

  /** Grants the writes at connect and disconnect. Also grants the check in a transaction that a connection still exists and has not been replaced. */
  public grantRegister(fn: LambdaFunction): void {
    this.grantTable(fn, 'PutItem', 'DeleteItem', 'ConditionCheckItem');
  }

  /** Grants the reads and writes for sending to connections: reading their owner, and removing connections that are closed. */
  public grantDeliver(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'DeleteItem');
  }

  /** Grants removing closed connections. */
  public grantForget(fn: LambdaFunction): void {
    this.grantTable(fn, 'DeleteItem');
  }
}

/** Table with one small item per async request. The table's stream is the outbox. */
class RequestsTable extends Store {
  public constructor(table: ITable) {
    super(table, ENV.requestsTable);
  }

  /** Grants accepting requests, and finding requests by their ids. */
  public grantAccept(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'PutItem');
  }

  /** Grants listing the requests of a user. */
  public grantList(fn: LambdaFunction): void {
    this.grantTable(fn, 'BatchGetItem');
    this.grantIndex(fn, REQUESTS.byUser);
  }

  /** Grants cancelling a request that was read. */
  public grantCancel(fn: LambdaFunction): void {
    this.grantTable(fn, 'UpdateItem');
  }

  /**
   * Grants changes of a request's state. The previous state is known from a message or the stream, and each write returns the item, so no read is
   * needed.
   */
  public grantTransitions(fn: LambdaFunction): void {
    this.grantTable(fn, 'UpdateItem');
  }

  /** Grants reading a request before it is claimed together with slots in one transaction. */
  public grantClaimSlots(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem');
  }

  /** Grants finding and waking requests that are due, and storing the watermark. */
  public grantSweep(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'UpdateItem');
    this.grantIndex(fn, REQUESTS.due);
  }
}

/**
 * Table with one item per viewer of a request, or per subscriber of a topic. The table has no stream, because no function reacts when viewers are
 * added or removed.
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

  /** Grants reading the viewers, and removing those whose connection is closed. */
  public grantDeliver(fn: LambdaFunction): void {
    this.grantTable(fn, 'Query', 'DeleteItem');
  }

  /** Grants recording that a viewer has left. */
  public grantNoteLeft(fn: LambdaFunction): void {
    this.grantTable(fn, 'PutItem');
  }
}

/**
 * Table of the logs, with their entries and heads, of inputs and results, and of the slots and lines of caps. The table has no stream, because the
 * function that appends an entry also sends it.
 */
export class EventsTable extends Store {
  public constructor(table: ITable) {
    super(table, ENV.eventsTable);
  }

  /** Grants storing inputs and messages, and reading results and the last progress. None of these items is a log entry. */
  public grantBodies(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'PutItem');
  }

  /** Grants reading the heads of several logs, to list requests. */
  public grantHeads(fn: LambdaFunction): void {
    this.grantTable(fn, 'BatchGetItem');
  }

  /** Grants updates of the head of a log: to notify the attempt of a cancelled request, and to count the messages to a request. */
  public grantCancel(fn: LambdaFunction): void {
    this.grantTable(fn, 'UpdateItem');
  }

  /** Grants writing topics. A topic's head contains the log's end, so no query is needed. */
  public grantTopics(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'PutItem', 'UpdateItem');
  }

  /** Grants appending a terminal entry, which is derived from the state of its request. */
  public grantAppend(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'PutItem', 'Query');
  }

  /** Grants reading slots and lines of requests that wait for one, and removing requests from a line. */
  public grantLines(fn: LambdaFunction): void {
    this.grantTable(fn, 'Query', 'DeleteItem');
  }

  /** Grants appending entries and writing the log's head. */
  public grantWrite(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'PutItem', 'Query', 'UpdateItem');
  }
}
