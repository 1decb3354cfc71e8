import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import type { Settings } from '../settings';
import type { Stores } from '../stores';
import { Announcer } from './announcer';
import { Webhook, type WebhookSettings } from './webhook';

export interface AnnouncementsProps {
  readonly settings: Settings;
  readonly stores: Stores;
  readonly eventBus?: IEventBus;
  readonly webhook?: WebhookSettings;
}

/** The functions that report the ends of requests to an event bus and to a webhook. */
export interface Announcements {
  readonly announcer?: Announcer;
  readonly webhook?: Webhook;
}

/** Creates nothing without an event bus and a webhook: each consumer of the stream costs money, and a stream has at most two. */
export function createAnnouncements(scope: Construct, props: AnnouncementsProps): Announcements {
  const { settings, stores, eventBus } = props;
  if (!eventBus && !props.webhook) return {};
  const webhook = props.webhook && new Webhook(scope, 'Webhook', { webhook: props.webhook, settings });
  return { announcer: new Announcer(scope, 'Announcer', { settings, stores, eventBus, webhook }), webhook };
}
