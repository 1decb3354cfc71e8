import { CONNECTIONS } from '../../src/contract';
import { eq } from '../core/condition';
import type { Origin } from '../core/request';
import type { Key } from '../core/write';
import type { Deps, PostResult } from './ports';

const RETRY_BASE_MS = 50;

/** Sends a frame to one connection, again where it is busy. */
export async function postWithRetries(
  deps: Deps,
  connectionId: string,
  frame: string,
  tries: number,
): Promise<PostResult> {
  for (let attempt = 1; ; attempt++) {
    const result = await deps.gateway.post(connectionId, frame);
    if (result !== 'busy' || attempt >= tries) return result;
    await deps.world.sleep(deps.world.random() * RETRY_BASE_MS * 4 ** attempt);
  }
}

/** Removes what a connection that is gone left behind, unless its id names another connection by now. */
export async function forget(deps: Deps, subscription: Key, viewer: Origin): Promise<void> {
  const when = eq('connectedAt', viewer.connectedAt);
  const connection = { [CONNECTIONS.partitionKey]: viewer.connectionId };
  await Promise.all([
    deps.store.write({ kind: 'delete', table: 'subscriptions', key: subscription, when }),
    deps.store.write({ kind: 'delete', table: 'connections', key: connection, when }),
  ]);
}
