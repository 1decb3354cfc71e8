import { type Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { reject } from './validation/errors';

/** What runs one action. Grant to it what its handler uses: `bucket.grantWrite(api.handler('export'))`. */
export class StreamerAction implements IGrantable {
  /** The principal of the function's role. */
  public readonly grantPrincipal: IPrincipal;

  /** The function that does the work: the router, one of the handler's own, or the one that `StreamerHandler.fromFunction` was given. */
  public readonly function: IFunction;

  /** The queue of the requests that wait; none for a sync handler. */
  public readonly queue?: IQueue;

  /** Where requests go that were given up; none for a sync handler. */
  public readonly deadLetterQueue?: IQueue;

  /** @internal */
  public constructor(fn: IFunction, queue?: IQueue, deadLetterQueue?: IQueue) {
    this.function = fn;
    this.grantPrincipal = fn.grantPrincipal;
    this.queue = queue;
    this.deadLetterQueue = deadLetterQueue;
  }

  /**
   * Invocations of the function that failed: crashes and timeouts. What a handler throws is counted as an attempt that failed, not here.
   *
   * @default - the sum of 5 minutes
   */
  public metricErrors(props?: MetricOptions): Metric {
    return this.function.metricErrors(props);
  }

  /**
   * Milliseconds that invocations of the function took, for a sync handler in the router those of all frames.
   *
   * @default - the average of 5 minutes
   */
  public metricDuration(props?: MetricOptions): Metric {
    return this.function.metricDuration(props);
  }

  /**
   * Invocations that were refused for want of concurrency.
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
   * Requests that were given up and lie in the dead-letter queue. Async handlers only.
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
