import type { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

/** What runs one action. Grant to it what its handler uses: `bucket.grantWrite(api.handler('export'))`. */
export class StreamerAction implements IGrantable {
  /** The principal of the function's role. */
  public readonly grantPrincipal: IPrincipal;

  /** The function that runs the handler: the router for a sync handler, its own for an async one. */
  public readonly function: LambdaFunction;

  /** The queue that feeds the function; none for a sync handler. */
  public readonly queue?: IQueue;

  /** Where requests go that were given up; none for a sync handler. */
  public readonly deadLetterQueue?: IQueue;

  /** @internal */
  public constructor(fn: LambdaFunction, queue?: IQueue, deadLetterQueue?: IQueue) {
    this.function = fn;
    this.grantPrincipal = fn.grantPrincipal;
    this.queue = queue;
    this.deadLetterQueue = deadLetterQueue;
  }
}
