import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { ENV, SUBSCRIPTIONS } from '../contract';
import { Store } from './store';

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
