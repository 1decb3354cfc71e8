/** Keys, indexes and attribute names that the tables' constructs and the runtime's stores share. */

/** The time-to-live attribute of each table, in epoch seconds. */
export const TTL_ATTRIBUTE = 'expiresAt';

/** Keys of the connections table: one item per WebSocket connection. */
export const CONNECTIONS = {
  partitionKey: 'connectionId',
  byUser: { indexName: 'byUser', partitionKey: 'userKey', sortKey: 'connectedAt' },
  byTenant: { indexName: 'byTenant', partitionKey: 'tenantShard', sortKey: 'connectedAt' },
} as const;

/** Keys of the requests table: one small item per async request; its stream is the outbox. */
export const REQUESTS = {
  partitionKey: 'requestKey',
  byUser: { indexName: 'byUser', partitionKey: 'userKey', sortKey: 'createdAt' },
  due: { indexName: 'due', partitionKey: 'dueBucket', sortKey: 'dueAt' },
} as const;

/** Keys of the subscriptions table: one item per viewer of a request, or per member of a topic. */
export const SUBSCRIPTIONS = {
  partitionKey: 'channel',
  sortKey: 'connectionId',
  byConnection: { indexName: 'byConnection', partitionKey: 'connectionId', sortKey: 'channel' },
} as const;

/**
 * Keys of the events table, which holds the logs. Items with offsets from 0 are the log's entries. The log's head, the input and long results have
 * negative offsets.
 */
export const EVENTS = {
  partitionKey: 'logKey',
  sortKey: 'offset',
  headOffset: -1,
  inputOffset: -2,
  /** Offset of the item that records the run whose dead letter was sent. */
  letterOffset: -3,
  /** The result of the claim with fence n has the offset `bodyOffset - n`. */
  bodyOffset: -1000,
} as const;

/** Number of shards of each minute in the due index. The shards prevent one minute from becoming a hot partition. */
export const DUE_SHARDS = 16;

/** Statuses of requests that ended. */
export const TERMINAL_STATUSES = ['COMPLETED', 'FAILED', 'CANCELLED'] as const;

/**
 * Statuses that the dispatcher must receive. It sends pending requests to their queues. It appends the terminal entries of requests that failed or were
 * cancelled, because a function without a connection may have ended them. Only a processor completes a request. If it dies before it appends the entry,
 * its queue message returns, and the next processor appends the entry.
 */
export const OUTBOX_STATUSES = ['PENDING', 'FAILED', 'CANCELLED'] as const;

/** Key attributes that are numbers: times in epoch milliseconds, and offsets. Every other key attribute is a string. */
export const NUMBER_KEYS = ['connectedAt', 'createdAt', 'dueAt', 'offset'] as const;
