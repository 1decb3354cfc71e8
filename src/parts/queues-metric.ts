import { MathExpression, Metric, type MetricConfig, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';

/**
 * Metric of an action over all of its queues: the sum or the maximum of the metrics of the queues.
 *
 * The metric is a math expression, but its class is `Metric`, so that the metrics of all actions have the same type. SQS sends no data for a queue that
 * was idle for hours. Missing data counts as 0.
 */
export class QueuesMetric extends Metric {
  /**
   * @param combine function of the math expression
   * @param queues metrics of the queues, at least one, with the same statistic and period
   */
  public constructor(
    private readonly combine: 'SUM' | 'MAX',
    private readonly queues: readonly Metric[],
  ) {
    super({ ...queues[0], dimensionsMap: { ...queues[0].dimensions } });
  }

  public override with(props: MetricOptions): Metric {
    return new QueuesMetric(
      this.combine,
      this.queues.map((queue) => queue.with(props)),
    );
  }

  public override toMetricConfig(): MetricConfig {
    const using = Object.fromEntries(this.queues.map((queue, i) => [`queue${i}`, queue]));
    const filled = Object.keys(using).map((id) => `FILL(${id}, 0)`);
    const { period, color, label = this.metricName } = this;
    const expression = `${this.combine}([${filled.join(', ')}])`;
    return new MathExpression({ expression, usingMetrics: using, period, color, label }).toMetricConfig();
  }
}
