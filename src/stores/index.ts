import type { IStreamerTables } from '../options/streamer-tables-options';
import { ConnectionsTable } from './connections';
import { EventsTable } from './events';
import { RequestsTable } from './requests';
import { SubscriptionsTable } from './subscriptions';

/** The four tables with what functions may be granted of them. */
export interface Stores {
  readonly connections: ConnectionsTable;
  readonly requests: RequestsTable;
  readonly subscriptions: SubscriptionsTable;
  readonly events: EventsTable;
}

export function storesOf(tables: IStreamerTables): Stores {
  return {
    connections: new ConnectionsTable(tables.connections),
    requests: new RequestsTable(tables.requests),
    subscriptions: new SubscriptionsTable(tables.subscriptions),
    events: new EventsTable(tables.events),
  };
}
