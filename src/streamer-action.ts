import { type Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { reject } from './validation/errors';

/**
 * The function and queues that run one action. Grant permissions for the resources that its handler uses:
 * `bucket.grantWrite(api.handler('export'))`.
 */
export class StreamerAction implements IGrantable {
  /** The principal of the function's role. */
  public readonly grantPrincipal: IPrincipal;

  /**
   * The function that runs the action: the router, the handler's own function, or the one that was passed to
   * `StreamerHandler.fromFunction`.
   */
  public readonly function: IFunction;

  /** The queue of the requests that wait; undefined for a sync handler. */
  public readonly queue?: IQueue;

  /** The queue of requests that failed for good; undefined for a sync handler. */
  public readonly deadLetterQueue?: IQueue;

  /** @internal */
  public constructor(fn: IFunction, queue?: IQueue, deadLetterQueue?: IQueue) {
    this.function = fn;
    this.grantPrincipal = fn.grantPrincipal;
    this.queue = queue;
    this.deadLetterQueue = deadLetterQueue;
  }

  /**
   * Failed invocations of the function: crashes and timeouts. An error that a handler throws counts as a failed attempt, not as a failed
   * invocation.
   *
   * @default - the sum of 5 minutes
   */
  public metricErrors(props?: MetricOptions): Metric {
    return this.function.metricErrors(props);
  }

  /**
   * Duration of the function's invocations in milliseconds; for a sync handler in the router, of the invocations for all frames.
   *
   * @default - the average of 5 minutes
   */
  public metricDuration(props?: MetricOptions): Metric {
    return this.function.metricDuration(props);
  }

  /**
   * Invocations that were refused because of the concurrency limit.
   *
   * @default - the sum of 5 minutes
   */
  public metricThrottles(props?: MetricOptions): Metric {
    return this.function.metricThrottles(props);
  }

  /**
   * Requests that wait for an execution. Async handlers only.
   *
   * @default - the maximum of 5 minutes
   */
  public metricQueueDepth(props?: MetricOptions): Metric {
    return waiting(this.queue, 'metricQueueDepth').metricApproximateNumberOfMessagesVisible({
      statistic: Stats.MAXIMUM,
      ...props,
    });
  }

  /**
   * Seconds that the oldest request in the queue has waited. Async handlers only.
   *
   * @default - the maximum of 5 minutes
   */
  public metricOldestRequestAge(props?: MetricOptions): Metric {
    return waiting(this.queue, 'metricOldestRequestAge').metricApproximateAgeOfOldestMessage({
      statistic: Stats.MAXIMUM,
      ...props,
    });
  }

  /**
   * Requests in the dead-letter queue. Async handlers only.
   *
   * @default - the maximum of 5 minutes
   */
  public metricDeadLetters(props?: MetricOptions): Metric {
    return waiting(this.deadLetterQueue, 'metricDeadLetters').metricApproximateNumberOfMessagesVisible({
      statistic: Stats.MAXIMUM,
      ...props,
    });
  }
}

function waiting(queue: IQueue | undefined, metric: string): IQueue {
  return (
    queue ??
    reject(metric, 'be asked of an async handler', 'a sync one', 'Nothing waits for a sync handler: it has no queue')
  );
}
