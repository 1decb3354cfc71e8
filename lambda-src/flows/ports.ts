import type { Limits } from '../../src/contract';
import type { Check, Item, Key, TableName, WorkMessage, Write, WriteTime } from '../core';

/** The ports through which the flows use their platform. The composition roots provide implementations for AWS, the tests provide a model. */

export type WriteResult =
  | {
      readonly applied: true;
      /** After an update: the current item. */
      readonly item?: Item;
    }
  | {
      readonly applied: false;
      /** The item that did not meet the condition, if it exists. */
      readonly item?: Item;
    };

export interface Query {
  readonly table: TableName;
  readonly index?: { readonly indexName: string; readonly partitionKey: string };
  readonly partition: string;
  /** Returns only sort keys from this one on, in ascending order; in descending order, the last ones. */
  readonly from?: number;
  readonly newestFirst?: boolean;
  /** Returns only subscriptions after that sort key. */
  readonly after?: string;
  readonly limit?: number;
}

/** The tables. Reads are consistent, except those of an index. */
export interface Store {
  get(table: TableName, key: Key): Promise<Item | undefined>;
  /**
   * Performs one conditional write. A write with an unknown result that was applied counts as applied.
   *
   * @throws UncertainWrite if the effect is unknown; any other error means that nothing was written
   */
  write(write: Write): Promise<WriteResult>;
  /** Performs all writes or none. */
  transact(writes: readonly (Write | Check)[]): Promise<boolean>;
  query(query: Query): Promise<Item[]>;
}

/**
 * - `gone`: the connection does not exist any more
 * - `busy`: the post was throttled, the client does not read, or the API did not answer in time
 * - `refused`: this frame is never accepted, whatever the client does; the gateway has logged the reason
 */
export type PostResult = 'sent' | 'gone' | 'busy' | 'refused';

/** The `@connections` API. */
export interface Gateway {
  /** @param signal when it fires, a post that has not started is dropped */
  post(connectionId: string, frame: string, signal?: AbortSignal): Promise<PostResult>;
}

/** The queues of the actions. A message is a hint that a request may be claimed; it may be lost, repeated or late. */
export interface Queues {
  /** @returns indexes of the messages that could not be sent */
  send(action: string, messages: readonly OutgoingMessage[]): Promise<number[]>;
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
  /** Uniform in [0, 1). */
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

/** Time of a flow's write, and retention of the written items. */
export const writeTimeOf = ({
  platform,
  retentionSeconds,
}: Pick<Deps, 'platform' | 'retentionSeconds'>): WriteTime => ({
  now: platform.now(),
  retentionSeconds,
});
