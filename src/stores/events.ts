import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ENV, EVENTS } from '../contract';
import { Store, type StoreProps } from './store';

/** The logs: entries, heads, inputs and results. Without a stream: a writer sends what it has appended. */
export class EventsTable extends Store {
  public constructor(scope: Construct, id: string, props: StoreProps) {
    super(scope, id, { ...props, key: EVENTS, environmentName: ENV.eventsTable });
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
