import { CONNECTIONS } from '../../../src/contract';
import { eq, type Key, type Origin } from '../../core';
import type { Deps } from '../ports';

/** Removes what a connection that is gone left behind, unless its id names another connection by now. */
export async function forget(deps: Pick<Deps, 'store'>, subscription: Key, viewer: Origin): Promise<void> {
  const when = eq('connectedAt', viewer.connectedAt);
  const connection = { [CONNECTIONS.partitionKey]: viewer.connectionId };
  await Promise.all([
    deps.store.write({ kind: 'delete', table: 'subscriptions', key: subscription, when }),
    deps.store.write({ kind: 'delete', table: 'connections', key: connection, when }),
  ]);
}
