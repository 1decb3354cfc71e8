import { sweep } from '../flows/sweep';
import { createAdapters } from '../runtime/deps';
import { createLogger, createMetrics, logWith, MetricUnit } from '../runtime/observability';

const log = logWith(createLogger('sweeper'));
const metrics = createMetrics('sweeper');
const adapters = createAdapters(log, { gateway: false });

/** Runs once a minute. */
export async function handler(): Promise<void> {
  const recovered = await sweep(adapters.deps(log));
  if (recovered === 0) return;
  log.info('put requests back on their way', { recovered });
  metrics.addMetric('RequestsRecovered', MetricUnit.Count, recovered);
  metrics.publishStoredMetrics();
}
