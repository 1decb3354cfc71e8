import { type Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { QueuesMetric } from './parts/queues-metric';
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

  /** The queue of waiting requests without a priority class; undefined for a sync handler. */
  public readonly queue?: IQueue;

  /** The queues of waiting requests by priority class; empty for a handler without `priorities`. */
  public readonly priorityQueues: { [priority: string]: IQueue };

  /** The queue for requests that failed after all attempts; undefined for a sync handler. */
  public readonly deadLetterQueue?: IQueue;

  /** @internal */
  public constructor(
    fn: IFunction,
    queue?: IQueue,
    deadLetterQueue?: IQueue,
    priorityQueues: { [priority: string]: IQueue } = {},
  ) {
    this.function = fn;
    this.grantPrincipal = fn.grantPrincipal;
    this.queue = queue;
    this.priorityQueues = priorityQueues;
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
   * Number of messages that wait for an invocation, in all queues of the action. Async handlers only.
   *
   * @default - the maximum over 5 minutes
   */
  public metricQueueDepth(props?: MetricOptions): Metric {
    const depth = (queue: IQueue) =>
      queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, ...props });
    return this.overQueues('metricQueueDepth', 'SUM', depth);
  }

  /**
   * Age of the oldest request in the queues of the action, in seconds. Async handlers only.
   *
   * @default - the maximum over 5 minutes
   */
  public metricOldestRequestAge(props?: MetricOptions): Metric {
    const age = (queue: IQueue) => queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, ...props });
    return this.overQueues('metricOldestRequestAge', 'MAX', age);
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

  private overQueues(metric: string, combine: 'SUM' | 'MAX', metricOf: (queue: IQueue) => Metric): Metric {
    const first = metricOf(waiting(this.queue, metric));
    const others = Object.values(this.priorityQueues).map(metricOf);
    return others.length === 0 ? first : new QueuesMetric(combine, [first, ...others]);
  }
}

function waiting(queue: IQueue | undefined, metric: string): IQueue {
  return (
    queue ??
    reject(metric, 'be called on an async handler', 'a sync one', 'Nothing waits for a sync handler: it has no queue')
  );
}
