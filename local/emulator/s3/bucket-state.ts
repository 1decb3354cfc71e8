import type { Blobs, StateSlot } from '../state';
import type { StoredObject } from './bucket';

/** Persistent metadata of an object. The object's bytes are in a separate file. */
interface KeptObject extends Omit<StoredObject, 'data'> {
  readonly blob: string;
}

type KeptRecord = { readonly bucket: string } & (
  | { readonly put: KeptObject }
  | { readonly deleted: string }
  | { readonly dropped: true }
);

/** Receives each change of a bucket before the change is acknowledged. */
export interface BucketKeeper {
  put(object: StoredObject): void;
  deleted(key: string): void;
}

/** Stores the objects of a run's buckets persistently. Incomplete multipart uploads are not stored. */
export class BucketsState {
  private readonly kept = new Map<string, Map<string, KeptObject>>();

  public constructor(
    private readonly slot: StateSlot,
    private readonly blobs: Blobs,
  ) {
    for (const record of slot.restore()) this.apply(record as KeptRecord);
    slot.onSnapshot(() => this.snapshot());
    // removes the bytes of objects that were replaced or deleted
    blobs.retain(new Set([...this.snapshot()].flatMap((record) => ('put' in record ? [record.put.blob] : []))));
  }

  /**
   * Returns the objects that a bucket had in the earlier run.
   *
   * @throws StateError if the bytes of an object are missing
   */
  public objectsOf(bucket: string): StoredObject[] {
    const objects = [...(this.kept.get(bucket)?.values() ?? [])];
    return objects.map(({ blob, ...object }) => ({ ...object, data: this.blobs.read(blob) }));
  }

  /**
   * Deletes all other buckets.
   *
   * @returns the deleted buckets, with their numbers of objects
   */
  public retain(names: ReadonlySet<string>): { readonly name: string; readonly objects: number }[] {
    const gone = [...this.kept].filter(([name]) => !names.has(name));
    for (const [bucket] of gone) this.record({ bucket, dropped: true });
    return gone.map(([name, objects]) => ({ name, objects: objects.size }));
  }

  public keeperOf(bucket: string): BucketKeeper {
    return {
      put: ({ data, ...object }) => this.record({ bucket, put: { ...object, blob: this.blobs.write(data) } }),
      deleted: (key) => this.record({ bucket, deleted: key }),
    };
  }

  private record(record: KeptRecord): void {
    this.slot.append(record);
    this.apply(record);
  }

  private apply(record: KeptRecord): void {
    const objects = this.kept.get(record.bucket) ?? new Map<string, KeptObject>();
    this.kept.set(record.bucket, objects);
    if ('put' in record) objects.set(record.put.key, record.put);
    else if ('deleted' in record) objects.delete(record.deleted);
    else this.kept.delete(record.bucket);
  }

  private *snapshot(): Generator<KeptRecord> {
    for (const [bucket, objects] of this.kept) for (const put of objects.values()) yield { bucket, put };
  }
}
