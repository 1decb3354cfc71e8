import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { ENV } from '../contract';
import { Store } from './store';

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
