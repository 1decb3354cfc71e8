import type { Construct } from 'constructs';
import { ConnectionsTable } from './connections';
import { EventsTable } from './events';
import { RequestsTable } from './requests';
import type { StoreProps } from './store';
import { SubscriptionsTable } from './subscriptions';

/** The four tables. */
export interface Stores {
  readonly connections: ConnectionsTable;
  readonly requests: RequestsTable;
  readonly subscriptions: SubscriptionsTable;
  readonly events: EventsTable;
}

export function createStores(scope: Construct, props: StoreProps): Stores {
  return {
    connections: new ConnectionsTable(scope, 'Connections', props),
    requests: new RequestsTable(scope, 'Requests', props),
    subscriptions: new SubscriptionsTable(scope, 'Subscriptions', props),
    events: new EventsTable(scope, 'Events', props),
  };
}
