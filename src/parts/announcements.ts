import { Announcer } from './announcer';
import type { ApiPart, PartContext } from './part';
import { Webhook } from './webhook';

/**
 * Creates the functions that report the ends of requests to an event bus and to a webhook. Without both there are none: each consumer of the stream costs
 * money, and a stream has at most two.
 */
export function createAnnouncements({ scope, props, stores }: PartContext): ApiPart | undefined {
  const { settings, eventBus } = props;
  if (!eventBus && !props.webhook) return undefined;
  const webhook = props.webhook && new Webhook(scope, 'Webhook', { webhook: props.webhook, settings });
  const announcer = new Announcer(scope, 'Announcer', { settings, stores, eventBus, webhook });
  return {
    functions: { announcer: announcer.function, webhook: webhook?.function },
    outputs: webhook && { webhook: { secret: webhook.secret, deadLetterQueue: webhook.deadLetterQueue } },
  };
}
