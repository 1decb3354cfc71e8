import { type Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { reject } from './validation/errors';

/**
 * The function and queues that run one action. Use it to grant permissions for the resources that the handler uses:
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

  /** The queue of waiting requests; undefined for a sync handler. */
  public readonly queue?: IQueue;

  /** The queue for requests that failed after all attempts; undefined for a sync handler. */
  public readonly deadLetterQueue?: IQueue;

  /** @internal */
  public constructor(fn: IFunction, queue?: IQueue, deadLetterQueue?: IQueue) {
    this.function = fn;
    this.grantPrincipal = fn.grantPrincipal;
    this.queue = queue;
    this.deadLetterQueue = deadLetterQueue;
  }

  /**
   * Number of failed invocations of the function: crashes and timeouts. If a handler throws an error, that counts as a failed attempt, not as a
   * failed invocation.
   *
   * @default - the sum over 5 minutes
   */
  public metricErrors(props?: MetricOptions): Metric {
    return this.function.metricErrors(props);
  }

  /**
   * Duration of the function's invocations in milliseconds. For a sync handler in the router, the metric contains the invocations for all frames.
   *
   * @default - the average over 5 minutes
   */
  public metricDuration(props?: MetricOptions): Metric {
    return this.function.metricDuration(props);
  }

  /**
   * Number of invocations that Lambda refused because of the concurrency limit.
   *
   * @default - the sum over 5 minutes
   */
  public metricThrottles(props?: MetricOptions): Metric {
    return this.function.metricThrottles(props);
  }

  /**
   * Number of requests that wait for an execution. Async handlers only.
   *
   * @default - the maximum over 5 minutes
   */
  public metricQueueDepth(props?: MetricOptions): Metric {
    return waiting(this.queue, 'metricQueueDepth').metricApproximateNumberOfMessagesVisible({
      statistic: Stats.MAXIMUM,
      ...props,
    });
  }

  /**
   * Age of the oldest request in the queue, in seconds. Async handlers only.
   *
   * @default - the maximum over 5 minutes
   */
  public metricOldestRequestAge(props?: MetricOptions): Metric {
    return waiting(this.queue, 'metricOldestRequestAge').metricApproximateAgeOfOldestMessage({
      statistic: Stats.MAXIMUM,
      ...props,
    });
  }

  /**
   * Number of requests in the dead-letter queue. Async handlers only.
   *
   * @default - the maximum over 5 minutes
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
    reject(metric, 'be called on an async handler', 'a sync one', 'Nothing waits for a sync handler: it has no queue')
  );
}
