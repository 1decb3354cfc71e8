import { StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ENV, REQUESTS } from '../contract';
import { Store, type StoreProps } from './store';

/** One small item an async request; its stream is the outbox. */
export class RequestsTable extends Store {
  public constructor(scope: Construct, id: string, props: StoreProps) {
    super(scope, id, {
      ...props,
      key: REQUESTS,
      indexes: [REQUESTS.byTenant, REQUESTS.due],
      stream: StreamViewType.NEW_IMAGE,
      environmentName: ENV.requestsTable,
    });
  }

  /** Accepting requests, and finding them again under the same id. */
  public grantAccept(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'PutItem');
  }

  /** Moving a request on, from the state that a message or the stream told of. Each move answers with the item: none is read. */
  public grantTransitions(fn: LambdaFunction): void {
    this.grantTable(fn, 'UpdateItem');
  }

  /** Finding what is due, waking it, and keeping the watermark. */
  public grantSweep(fn: LambdaFunction): void {
    this.grantTable(fn, 'GetItem', 'UpdateItem');
    this.grantIndex(fn, REQUESTS.due);
  }
}
