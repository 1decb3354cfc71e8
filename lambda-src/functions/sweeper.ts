import { sweep } from '../flows/sweep';
import { createDeps } from '../runtime/deps';
import { createLogger, createMetrics, logWith, MetricUnit } from '../runtime/observability';

const log = logWith(createLogger('sweeper'));
const metrics = createMetrics('sweeper');
const deps = createDeps(log);

/** Runs once a minute. */
export async function handler(): Promise<void> {
  const recovered = await sweep(deps);
  if (recovered === 0) return;
  log.info('put requests back on their way', { recovered });
  metrics.addMetric('RequestsRecovered', MetricUnit.Count, recovered);
  metrics.publishStoredMetrics();
}
