import type { Construct } from 'constructs';
import type { Settings } from '../settings';
import type { Stores } from '../stores';
import type { StreamerApiProps } from '../streamer-api-props';
import { reject } from '../validation/errors';
import { Announcer } from './announcer';
import type { Webhook } from './webhook';

/** What tells others of requests that ended. */
export interface Announcements {
  readonly announcer?: Announcer;
  readonly webhook?: Webhook;
}

/** Nothing is made where nobody wants to be told: a reader of the stream costs, and there can be two of them only. */
export function createAnnouncements(
  scope: Construct,
  props: Pick<StreamerApiProps, 'eventBus' | 'webhook'>,
  settings: Settings,
  stores: Stores,
): Announcements {
  const { eventBus, webhook } = checked(props);
  if (!eventBus && !webhook) return {};
  const bound = webhook?._bind(scope, settings);
  const announcer = new Announcer(scope, 'Announcer', { settings, stores, eventBus, webhook: bound });
  return { announcer, webhook: bound };
}

/** An app may be JavaScript, and `null` says nothing. */
function checked({ eventBus, webhook }: Pick<StreamerApiProps, 'eventBus' | 'webhook'>) {
  if (eventBus && typeof eventBus.grantPutEventsTo !== 'function') {
    reject(
      'eventBus',
      'be an event bus',
      eventBus,
      "Use `new EventBus(…)` or `EventBus.fromEventBusName(this, 'Bus', 'default')`",
    );
  }
  if (webhook && typeof webhook._bind !== 'function') {
    reject('webhook', 'be a StreamerWebhook', webhook, "Use `StreamerWebhook.post('https://…')`");
  }
  return { eventBus: eventBus ?? undefined, webhook: webhook ?? undefined };
}
