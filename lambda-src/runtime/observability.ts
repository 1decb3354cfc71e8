import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { ENV, METRIC_DIMENSIONS, METRIC_NAMESPACE, type MetricDefinition, type MetricOf } from '../../src/contract';
import { loggable, loggableText, mergeFields } from '../core';
import type { Log } from '../flows/ports';
import { StackMapper } from './source-map';

/** Creates the logger of one function. Its lines never contain bodies of messages, or tokens. */
export const createLogger = (serviceName: string): Logger => new Logger({ serviceName });

/** Metrics of one service. They are written to the log in the embedded metric format, so they need no API call. */
export interface ServiceMetrics<Service extends string> {
  add(metric: MetricOf<Service>, value: number): void;
  /** Writes the added metrics to the log. */
  publish(): void;
}

export function createMetrics<const Service extends string>(
  serviceName: Service,
  api = process.env[ENV.apiName],
): ServiceMetrics<Service> {
  const metrics = new Metrics({
    namespace: METRIC_NAMESPACE,
    serviceName,
    defaultDimensions: api ? { [METRIC_DIMENSIONS.api]: api } : {},
  });
  return {
    add: ({ name, unit }: MetricDefinition, value) => metrics.addMetric(name, unit, value),
    publish: () => metrics.publishStoredMetrics(),
  };
}

const stacks = new StackMapper();

/** Implements the flows' `Log` with Powertools' logger. Each line contains the fields of an invocation or a request. Logging never throws. */
export function logWith(logger: Logger, fields: Record<string, unknown> = {}): Log {
  const line =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, more: Record<string, unknown> = {}) => {
      stacks.mapErrorOf(more);
      const all = mergeFields(fields, more);
      try {
        logger[level](message, all as never);
      } catch {
        // The line is written even if a cause is cyclic, a `toJSON` or a getter throws, or the message is not a string.
        logger[level](loggableText(message), loggable(all) as never);
      }
    };
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}
