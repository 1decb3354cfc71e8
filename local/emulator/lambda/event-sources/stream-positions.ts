import type { StateSlot } from '../../state';
import type { KeptPositions } from './stream-mapping';

type KeptRecord = readonly [mapping: string, streamArn: string, shardId: string, sequenceNumber: string | null];

/** Persistent position of each mapping in each stream. */
export class StreamPositions {
  private readonly known = new Map<string, KeptRecord>();

  public constructor(private readonly slot: StateSlot) {
    for (const record of slot.restore()) this.note(record as KeptRecord);
    slot.onSnapshot(() => this.known.values());
  }

  /** @param mapping id of the mapping. It is the same in each run. */
  public of(mapping: string, streamArn: string): KeptPositions {
    return {
      get: (shardId) => this.known.get(keyOf([mapping, streamArn, shardId]))?.[3],
      set: (shardId, sequenceNumber) => {
        const record: KeptRecord = [mapping, streamArn, shardId, sequenceNumber];
        this.slot.append(record);
        this.note(record);
      },
    };
  }

  /** Deletes the positions of all other mappings. */
  public retain(mappings: ReadonlySet<string>): void {
    for (const [key, [mapping]] of this.known) if (!mappings.has(mapping)) this.known.delete(key);
  }

  /**
   * Returns the sequence number up to which all mappings have read a shard. Undefined if there is no mapping, or if one
   * has not started.
   */
  public doneUpTo(streamArn: string, shardId: string): string | undefined {
    const positions = [...this.known.values()].filter(([, arn, shard]) => arn === streamArn && shard === shardId);
    const numbers = positions.map(([, , , sequenceNumber]) => sequenceNumber);
    if (numbers.length === 0) return undefined;
    return numbers.reduce((a, b) => (a === null || b === null ? null : BigInt(a) < BigInt(b) ? a : b)) ?? undefined;
  }

  private note(record: KeptRecord): void {
    this.known.set(keyOf(record), record);
  }
}

const keyOf = ([mapping, streamArn, shardId]: readonly [string, string, string, ...unknown[]]): string =>
  [mapping, streamArn, shardId].join(' ');
