import type { Duration } from 'aws-cdk-lib';
import type { Settings } from '../settings';
import { reject } from '../validation/errors';

/** Maximum time of a sync handler outside the router, because the router waits no longer than the sync budget. */
export function syncTimeoutOf({ syncTimeout }: Settings, action: string, timeout = syncTimeout): Duration {
  if (timeout.toMilliseconds() <= syncTimeout.toMilliseconds()) return timeout;
  return reject(
    `handlers.${action}.timeout`,
    `be at most the API's \`syncTimeout\` (${syncTimeout.toHumanString()})`,
    timeout.toHumanString(),
    'Raise `syncTimeout`, 25 seconds at most, or make the handler async',
  );
}
