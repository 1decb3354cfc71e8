import { DUE_SHARDS, SUBSCRIPTIONS } from '../../src/contract';

/**
 * Keys of the tables. Each begins with the tenant; `#` separates, so a `#` (and `%`) inside a part is escaped
 * and no choice of names can make two keys meet. So is a lone surrogate, all of which are one and the same in UTF-8.
 */

/** Who a connection belongs to. */
export interface Owner {
  readonly tenant: string;
  readonly user: string;
}

const escapePart = (part: string): string =>
  part.replace(/[%#]|\p{Surrogate}/gu, (c) => `%${c.charCodeAt(0).toString(16)}`);
const join = (...parts: string[]): string => parts.map(escapePart).join('#');

export const userKey = ({ tenant, user }: Owner): string => join(tenant, user);

export const requestKey = ({ tenant, user }: Owner, id: string): string => join(tenant, user, id);

/** A request that is made again after its retention has a new epoch, thus a log of its own. */
export const logKey = (request: { readonly requestKey: string; readonly epoch: string }): string =>
  `${request.requestKey}#${request.epoch}`;

/** The viewers of a log. One shard is enough for a request's few viewers. */
export const channelOf = (log: string): string => `${log}#0`;

export const subscriptionKey = (log: string, connectionId: string): Record<string, string> => ({
  [SUBSCRIPTIONS.partitionKey]: channelOf(log),
  [SUBSCRIPTIONS.sortKey]: connectionId,
});

/** A topic of a tenant. No user's name is empty, so that it meets no request. */
export const topicKey = (tenant: string, topic: string): string => join(tenant, '', topic);

/** A topic that was forgotten and begins again has a new epoch, thus a log of its own. */
export const topicLogKey = (topic: string, epoch: string): string => `${topic}#${epoch}`;

/** Where it is kept that a message of that id was published. No epoch is empty. */
export const publishedKey = (topic: string, id: string): string => `${topic}##${id}`;

/** Shards of a topic's members, so that many of them may come and go at once. Each is read at each message. */
const TOPIC_SHARDS = 4;

const topicChannel = (topic: string, shard: number): string => `${topic}#${shard}`;

/** All members of a topic. */
export const topicChannels = (topic: string): string[] =>
  Array.from({ length: TOPIC_SHARDS }, (_, shard) => topicChannel(topic, shard));

export const membershipKey = (topic: string, connectionId: string): Record<string, string> => ({
  [SUBSCRIPTIONS.partitionKey]: topicChannel(topic, hash(connectionId) % TOPIC_SHARDS),
  [SUBSCRIPTIONS.sortKey]: connectionId,
});

/** Shards of a tenant in the indexes by tenant, so that no tenant is one hot partition. */
const TENANT_SHARDS = 16;

export const tenantShard = (tenant: string, of: string): string => `${escapePart(tenant)}#${hash(of) % TENANT_SHARDS}`;

/** FNV-1a: spreads keys over shards; nothing depends on its strength. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return h;
}

/** Place of a request in the due index: the minute in which the sweeper must look at it. */
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
