import type { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { reject } from '../private/errors';
import { type Handlers, isolatedOf, syncFunctionsOf } from '../private/handlers';
import type { Remote } from '../private/remote';
import type { Settings } from '../private/settings';
import { Isolated } from './isolated';

/** The functions that answer sync actions instead of the router. */
export interface SyncFunctions {
  readonly isolated: ReadonlyMap<string, Isolated>;
  readonly remotes: readonly Remote[];
}

export function createSyncFunctions(scope: Construct, settings: Settings, handlers: Handlers): SyncFunctions {
  const isolated = createIsolated(scope, settings, handlers);
  const own = syncFunctionsOf(handlers).map(({ action, definition }) => ({
    action,
    fn: definition.fn,
    timeout: timeoutOf(settings, action, definition.timeout),
  }));
  return { isolated, remotes: [...[...isolated.values()].map(({ remote }) => remote), ...own] };
}

function createIsolated(api: Construct, settings: Settings, handlers: Handlers): Map<string, Isolated> {
  const all = isolatedOf(handlers);
  if (all.length === 0) return new Map();
  const scope = new Construct(api, 'Isolated');
  const { bundles } = handlers;
  return new Map(
    all.map((handler) => {
      const timeout = timeoutOf(settings, handler.action, handler.definition.timeout);
      return [handler.action, new Isolated(scope, handler.action, { settings, handler, bundles, timeout })];
    }),
  );
}

/** The router waits no longer than the sync budget. */
function timeoutOf({ syncTimeout }: Settings, action: string, timeout = syncTimeout): Duration {
  if (timeout.toMilliseconds() <= syncTimeout.toMilliseconds()) return timeout;
  return reject(
    `handlers.${action}.timeout`,
    `be at most the API's \`syncTimeout\` (${syncTimeout.toHumanString()})`,
    timeout.toHumanString(),
    'Raise `syncTimeout`, 25 seconds at most, or make the handler async',
  );
}
