import { EVENTS } from '../../src/contract';
import type { Json, SnapshotField } from '../protocol';
import type { Counters } from './log';
import { absent, decode, type Item, type Key, lte, or, type Put, type Shape } from './write';

/**
 * A snapshot of a request: the state of its work after the entries below an offset, so that a late viewer need not read these entries.
 *
 * It is an item next to the log, not an entry: viewers that follow the log do not need it. Only the latest snapshot is kept.
 */
export interface SnapshotItem extends Counters {
  /** Offset of the first entry that the snapshot does not contain. */
  readonly at: number;
  /** Data as a JSON string. */
  readonly data: string;
}

const SNAPSHOT: Shape<SnapshotItem> = {
  run: 'number',
  attempt: 'number',
  fence: 'number',
  slice: 'number?',
  at: 'number',
  data: 'string',
};

export const snapshotKey = (logKey: string): Key => ({
  [EVENTS.partitionKey]: logKey,
  [EVENTS.sortKey]: EVENTS.snapshotOffset,
});

/** @throws InvalidItem if the item is not a snapshot */
export const decodeSnapshot = (item: Item): SnapshotItem => decode(item, 'snapshot', SNAPSHOT);

/** Creates the write that stores a snapshot, unless a later attempt has stored one. */
export function storeSnapshot(logKey: string, snapshot: SnapshotItem, expiresAt: number): Put {
  return {
    kind: 'put',
    table: 'events',
    key: snapshotKey(logKey),
    attributes: { ...snapshot, expiresAt },
    when: or(absent('fence'), lte('fence', snapshot.fence)),
  };
}

/** The snapshot as a field of an `ack`. */
export const snapshotField = ({ at, data, run, attempt, fence, slice }: SnapshotItem): SnapshotField => ({
  offset: at,
  ...{ run, attempt, fence },
  ...(slice !== undefined && { slice }),
  data: JSON.parse(data) as Json,
});
