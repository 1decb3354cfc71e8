import { CONNECTIONS } from '../../../src/contract';
import { eq, type Key, type Origin } from '../../core';
import { leave } from '../connect/connection';
import type { Deps, Gateway } from '../ports';

/**
 * Maximum concurrent posts of a process. Together with the limit on invocations, it leaves a part of the API's capacity to other senders. If a
 * connection does not answer, it occupies one of these posts until the post times out.
 */
const POSTS_IN_FLIGHT = 32;

/** Limits the concurrent posts of a process, for all requests and topics together. Further posts wait in the order of their arrival. */
export function boundedGateway(gateway: Gateway, inFlight = POSTS_IN_FLIGHT): Gateway {
  const slots = new Slots(inFlight);
  return {
    post: (connectionId, frame, signal) =>
      slots.run(async () => (signal?.aborted ? 'busy' : gateway.post(connectionId, frame, signal))),
  };
}

/** Runs a limited number of tasks at a time. Further tasks wait in the order of their arrival. */
class Slots {
  private readonly waiting: (() => void)[] = [];

  public constructor(private free: number) {}

  public async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await task();
    } finally {
      // The next task takes over this task's slot.
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}

/**
 * Removes the items of a connection that no longer exists, unless a newer connection has the same id by now. A failure is ignored, because the items
 * expire.
 *
 * @param subscription key of the subscription through which the connection was found
 * @param stays whether the subscription stays and gets the time at which the viewer left, because the request is cancelled after its viewers have left
 */
export async function forget(
  deps: Pick<Deps, 'store' | 'platform' | 'retentionSeconds' | 'log'>,
  viewer: Origin,
  subscription: Key,
  stays = false,
): Promise<void> {
  const { store, log } = deps;
  const when = eq('connectedAt', viewer.connectedAt);
  const connection = { [CONNECTIONS.partitionKey]: viewer.connectionId };
  await Promise.all([
    stays
      ? leave(deps, viewer, subscription)
      : store.write({ kind: 'delete', table: 'subscriptions', key: subscription, when }),
    store.write({ kind: 'delete', table: 'connections', key: connection, when }),
  ]).catch((error) => log.warn('a connection that is gone could not be removed', { error }));
}
