import { StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { CONNECTIONS, ENV } from '../contract';
import { Store, type StoreProps } from './store';

/** One item a WebSocket connection. */
export class ConnectionsTable extends Store {
  public constructor(scope: Construct, id: string, props: StoreProps) {
    super(scope, id, {
      ...props,
      key: CONNECTIONS,
      indexes: [CONNECTIONS.byUser, CONNECTIONS.byTenant],
      // a removal, by time to live or after a 410, names the user and tenant that lost the connection
      stream: StreamViewType.OLD_IMAGE,
      environmentName: ENV.connectionsTable,
    });
  }

  /** Keeping the table: connect, disconnect, and the check in a transaction that a connection still is the one it was. */
  public grantRegister(fn: LambdaFunction): void {
    this.grantTable(fn, 'PutItem', 'DeleteItem', 'ConditionCheckItem');
  }

  /** Sending to connections: who they belong to, and removal of those that are gone. */
  public grantDeliver(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'DeleteItem');
  }
}
