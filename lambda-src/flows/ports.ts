import type { Limits } from '../../src/contract';
import type { Check, Item, Key, TableName, WorkMessage, Write, WriteTime } from '../core';

/** Ports: the interfaces through which the flows use their platform. The functions pass implementations for AWS. The tests pass a model in memory. */

export type WriteResult =
  | {
      readonly applied: true;
      /** The item after an update. */
      readonly item?: Item;
    }
  | {
      readonly applied: false;
      /** The item that did not meet the condition, if it exists. */
      readonly item?: Item;
    };

export interface Query {
  readonly table: TableName;
  readonly index?: { readonly indexName: string; readonly partitionKey: string; readonly sortKey: string };
  readonly partition: string;
  /** Returns only items with this sort key or a greater one, in ascending order. With a descending order, returns the last items. */
  readonly from?: number;
  readonly newestFirst?: boolean;
  /** Continues after the item with that key, which contains the keys of the table and of the index. */
  readonly after?: Key;
  readonly limit?: number;
}

/**
 * - `strong`: the read returns the item with all writes that have succeeded
 * - `eventual`: the read may return an item as it was before its latest writes, usually by less than a second. It costs half as much
 */
export type Consistency = 'strong' | 'eventual';

/** The tables. Reads are strongly consistent, except reads of an index and reads of several items at once. */
export interface Store {
  /** @param consistency default: `strong` */
  get(table: TableName, key: Key, consistency?: Consistency): Promise<Item | undefined>;
  /** Reads up to 100 items, eventually consistent and in any order. Items that do not exist are left out. */
  getAll(table: TableName, keys: readonly Key[]): Promise<Item[]>;
  /**
   * Performs one conditional write. If the response is lost but the write was applied, the result is `applied`.
   *
   * @throws UncertainWrite if the effect is unknown. Any other error means that nothing was written
   */
  write(write: Write): Promise<WriteResult>;
  /** Performs all writes, or none of them. */
  transact(writes: readonly (Write | Check)[]): Promise<boolean>;
  query(query: Query): Promise<Item[]>;
}

/**
 * - `gone`: the connection no longer exists
 * - `busy`: the post was throttled, the client does not read its frames, or the API did not answer in time
 * - `refused`: API Gateway would never accept this frame. The gateway has logged the reason
 */
export type PostResult = 'sent' | 'gone' | 'busy' | 'refused';

/** The `@connections` API. */
export interface Gateway {
  /** Posts a frame. @param signal if it fires, a post that has not started is dropped */
  post(connectionId: string, frame: string, signal?: AbortSignal): Promise<PostResult>;
}

/** The queues of the actions. A message only notifies a processor that it may claim a request. Messages may be lost, repeated or late. */
export interface Queues {
  /**
   * Sends to the queue of a priority class. Without a class, or if the action no longer has this class, it sends to the action's own queue.
   *
   * @returns indexes of the messages that could not be sent
   */
  send(action: string, messages: readonly OutgoingMessage[], priority?: string): Promise<number[]>;
  deadLetter(action: string, body: string): Promise<void>;
  serves(action: string): boolean;
}

export interface OutgoingMessage {
  readonly body: WorkMessage;
  /** Message group of the fair queue. */
  readonly group: string;
  readonly delaySeconds: number;
}

export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** Clock, random source and timers. */
export interface Platform {
  now(): number;
  /** Returns a uniformly distributed number in [0, 1). */
  random(): number;
  newId(): string;
  /** Resolves after `ms`, or at once if the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Deps {
  readonly store: Store;
  readonly gateway: Gateway;
  readonly platform: Platform;
  readonly log: Log;
  readonly limits: Limits;
  readonly retentionSeconds: number;
}

/** Returns the current time and the retention of written items, for a flow's write. */
export const writeTimeOf = ({
  platform,
  retentionSeconds,
}: Pick<Deps, 'platform' | 'retentionSeconds'>): WriteTime => ({
  now: platform.now(),
  retentionSeconds,
});
