import { DUE_SHARDS, REQUESTS, SUBSCRIPTIONS } from '../../src/contract';

/**
 * Keys of the tables. Each key begins with the tenant, and `#` separates its parts. A `#` or `%` inside a part is escaped, so that two different keys
 * are never equal, whatever the names are. A lone surrogate is escaped, too, because all lone surrogates have the same UTF-8 form.
 */

/** The owner of a connection or a request. */
export interface Owner {
  readonly tenant: string;
  readonly user: string;
}

const escapePart = (part: string): string =>
  part.replace(/[%#]|\p{Surrogate}/gu, (c) => `%${c.charCodeAt(0).toString(16)}`);
const join = (...parts: string[]): string => parts.map(escapePart).join('#');

export const userKey = ({ tenant, user }: Owner): string => join(tenant, user);

export const requestKey = ({ tenant, user }: Owner, id: string): string => join(tenant, user, id);

/** Primary key of a request's item. */
export const requestItemKey = (key: string): Record<string, string> => ({ [REQUESTS.partitionKey]: key });

/** Key of a request's log. If a request is created again after its retention, it has a new epoch, and therefore a new log. */
export const logKey = (request: { readonly requestKey: string; readonly epoch: string }): string =>
  `${request.requestKey}#${request.epoch}`;

/** Channel of the viewers of a request's log. One shard is sufficient, because a request has few viewers. */
export const channelOf = (log: string): string => `${log}#0`;

export const subscriptionKey = (log: string, connectionId: string): Record<string, string> => ({
  [SUBSCRIPTIONS.partitionKey]: channelOf(log),
  [SUBSCRIPTIONS.sortKey]: connectionId,
});

/** Key of a cap's partition of the events table. Its first part is empty, unlike the name of a tenant, so the key differs from the key of every log. */
export const capKey = (action: string, scope: string, ...values: string[]): string =>
  join('', 'cap', action, scope, ...values);

/** Key of a quiet period's partition of the events table. Its first part is empty, unlike the name of a tenant, so the key differs from the key of every log. */
export const quietPeriodPartition = ({ tenant, user }: Owner, digest: string): string =>
  join('', 'debounce', tenant, user, digest);

/** Key of the items that count the frames of topics in each second. Its first part is empty, unlike the name of a tenant. */
export const paceKey = (): string => join('', 'pace');

/** Key of a tenant's topic. The user part is empty, unlike the name of a user, so the key differs from the key of every request. */
export const topicKey = (tenant: string, topic: string): string => join(tenant, '', topic);

/** Key of a topic's log. If a topic is created again after its deletion, it has a new epoch, and therefore a new log. */
export const topicLogKey = (topic: string, epoch: string): string => `${topic}#${epoch}`;

/**
 * Key of the item that records that a message with this id was published. Its epoch part is empty, and no epoch is empty. So the key never equals
 * that of a log.
 */
export const publishedKey = (topic: string, id: string): string => `${topic}##${id}`;

/** Key of the item with the position of a message's fan-out in one part of a large topic. No id contains a `#`. */
export const partKey = (topic: string, id: string, part: number): string => publishedKey(topic, `${id}#${part}`);

/** Number of shards of a topic's members, so that many members can be added or removed at once. All shards are read for each message. */
const TOPIC_SHARDS = 4;

const topicChannel = (topic: string, shard: number): string => `${topic}#${shard}`;

/** Channels of all members of a topic. */
export const topicChannels = (topic: string): string[] =>
  Array.from({ length: TOPIC_SHARDS }, (_, shard) => topicChannel(topic, shard));

export const membershipKey = (topic: string, connectionId: string): Record<string, string> => ({
  [SUBSCRIPTIONS.partitionKey]: topicChannel(topic, hash(connectionId) % TOPIC_SHARDS),
  [SUBSCRIPTIONS.sortKey]: connectionId,
});

/** Number of shards of a tenant in the indexes by tenant. The shards prevent one tenant from becoming a hot partition. */
const TENANT_SHARDS = 16;

export const tenantShard = (tenant: string, of: string): string => `${escapePart(tenant)}#${hash(of) % TENANT_SHARDS}`;

/** FNV-1a hash, which distributes keys over shards. It need not be cryptographically strong. */
export function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return h;
}

/** Key of a request in the due index. It contains the minute in which the sweeper must check the request. */
export interface Due {
  readonly dueBucket: string;
  readonly dueAt: number;
}

const MINUTE_MS = 60_000;

export const minuteOf = (ms: number): number => Math.floor(ms / MINUTE_MS);

export const dueBucket = (minute: number, shard: number): string => `${minute}#${shard}`;

export function dueAt(requestKey: string, ms: number): Due {
  return { dueBucket: dueBucket(minuteOf(ms), hash(requestKey) % DUE_SHARDS), dueAt: ms };
}

/** Bucket of dead letters in the due index. Its name is not a minute, so the sweeper never reads it. */
export const deadBucket = (shard: number): string => `dead#${shard}`;

/** Key of a dead letter in the due index, ordered by the end of its run. Every dead letter can thus be found without a scan of the table. */
export const deadAt = (requestKey: string, endedAt: number): Due => ({
  dueBucket: deadBucket(hash(requestKey) % DUE_SHARDS),
  dueAt: endedAt,
});
