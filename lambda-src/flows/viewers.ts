import { CONNECTIONS, SUBSCRIPTIONS } from '../../src/contract';
import { channelOf, logKey, subscriptionKey } from '../core/keys';
import type { Origin, RequestItem } from '../core/request';
import { forget, postWithRetries } from './delivery';
import type { Deps } from './ports';

/** Who watches a request, and how frames reach them. */
export interface Viewers {
  /** Reads the viewers again; consistent, so that a viewer that came before an append is not missed after it. */
  refresh(): Promise<void>;
  /** Sends to each viewer at once. A viewer that is gone is forgotten; one that is busy misses it, and attaches again. */
  send(frame: string, tries: number): Promise<void>;
  readonly size: number;
}

export function viewersOf(deps: Deps, request: RequestItem): Viewers {
  const log = logKey(request);
  let viewers = new Map<string, Origin>();
  let originIsLive: Promise<boolean> | undefined;
  const gone = new Set<string>();

  async function refresh(): Promise<void> {
    const rows = await deps.store.query({ table: 'subscriptions', partition: channelOf(log) });
    const found = new Map<string, Origin>();
    originIsLive ??= isLive(deps, request).catch((error) => {
      originIsLive = undefined;
      throw error;
    });
    if (request.origin && (await originIsLive)) found.set(request.origin.connectionId, request.origin);
    for (const row of rows) {
      const viewer = { connectionId: String(row[SUBSCRIPTIONS.sortKey]), connectedAt: Number(row.connectedAt) };
      found.set(viewer.connectionId, viewer);
    }
    for (const id of gone) found.delete(id);
    viewers = found;
  }

  async function sendTo(viewer: Origin, frame: string, tries: number): Promise<void> {
    const result = await postWithRetries(deps, viewer.connectionId, frame, tries);
    if (result !== 'gone') return;
    gone.add(viewer.connectionId);
    viewers.delete(viewer.connectionId);
    await forget(deps, subscriptionKey(log, viewer.connectionId), viewer);
  }

  return {
    refresh,
    send: async (frame, tries) => {
      await Promise.all([...viewers.values()].map((viewer) => sendTo(viewer, frame, tries)));
    },
    get size() {
      return viewers.size;
    },
  };
}

/** The first viewer is known from the request itself; it counts while its connection is the one that asked. */
async function isLive(deps: Deps, request: RequestItem): Promise<boolean> {
  const { origin, tenant } = request;
  if (!origin) return false;
  const connection = await deps.store.get('connections', { [CONNECTIONS.partitionKey]: origin.connectionId });
  return connection?.connectedAt === origin.connectedAt && connection.tenant === tenant;
}
