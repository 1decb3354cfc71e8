import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { ENV } from '../contract';
import { Store } from './store';

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
