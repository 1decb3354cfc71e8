import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { ENV, REQUESTS } from '../contract';
import { Store } from './store';

/** One small item an async request; its stream is the outbox. */
export class RequestsTable extends Store {
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
