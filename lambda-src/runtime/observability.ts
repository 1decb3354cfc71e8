import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { ENV } from '../../src/contract';
import { loggable, loggableText, mergeFields } from '../core/loggable';
import type { Log } from '../flows/ports';
import { StackMapper } from './source-map';

export { MetricUnit } from '@aws-lambda-powertools/metrics';

const NAMESPACE = 'Streamer';

/** A logger of one function. Messages' bodies and tokens are never among its fields. */
export const createLogger = (serviceName: string): Logger => new Logger({ serviceName });

/** Metrics in the embedded format: they cost a log line, no call. Dimensions: `service`, and the API's name as `api`. */
export function createMetrics(serviceName: string, api = process.env[ENV.apiName]): Metrics {
  return new Metrics({ namespace: NAMESPACE, serviceName, defaultDimensions: api ? { api } : {} });
}

const stacks = new StackMapper();

/** Implements the flows' logging port with Powertools' logger and the fields of one invocation or request. Logging never throws. */
export function logWith(logger: Logger, fields: Record<string, unknown> = {}): Log {
  const line =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, more: Record<string, unknown> = {}) => {
      stacks.mapErrorOf(more);
      const all = mergeFields(fields, more);
      try {
        logger[level](message, all as never);
      } catch {
        // cyclic causes, a `toJSON` or a getter that throws, or an invalid message do not prevent the line from being written
        logger[level](loggableText(message), loggable(all) as never);
      }
    };
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}
