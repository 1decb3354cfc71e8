import { METRICS } from '../../src/contract';
import { sweep } from '../flows/dispatch/sweep';
import { createDeps, createLogger, createMetrics, logWith } from '../runtime';

const log = logWith(createLogger('sweeper'));
const metrics = createMetrics('sweeper');
const deps = createDeps(log);

/** Finds requests that are due, and resumes or ends them. A schedule invokes the function every minute. */
export async function handler(): Promise<void> {
  const { changed, failed } = await sweep(deps);
  if (changed === 0 && failed === 0) return;
  log.info('handled due requests', { changed, failed });
  metrics.add(METRICS.requestsRecovered, changed);
  metrics.add(METRICS.requestsNotRecovered, failed);
  metrics.publish();
}
