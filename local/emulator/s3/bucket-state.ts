import type { Blobs, StateSlot } from '../state';
import type { StoredObject } from './bucket';

/** Persisted metadata of an object; its bytes are a separate file. */
interface KeptObject extends Omit<StoredObject, 'data'> {
  readonly blob: string;
}

type KeptRecord = { readonly bucket: string } & (
  | { readonly put: KeptObject }
  | { readonly deleted: string }
  | { readonly dropped: true }
);

/** Called with each change of a bucket before the change is acknowledged. */
export interface BucketKeeper {
  put(object: StoredObject): void;
  deleted(key: string): void;
}

/** Persists the objects of a run's buckets. Incomplete multipart uploads are not persisted. */
export class BucketsState {
  private readonly kept = new Map<string, Map<string, KeptObject>>();

  public constructor(
    private readonly slot: StateSlot,
    private readonly blobs: Blobs,
  ) {
    for (const record of slot.restore()) this.apply(record as KeptRecord);
    slot.onSnapshot(() => this.snapshot());
    // a later run does not need the bytes of objects that were replaced or deleted
    blobs.retain(new Set([...this.snapshot()].flatMap((record) => ('put' in record ? [record.put.blob] : []))));
  }

  /** The objects that a bucket had in the earlier run. @throws StateError for an object whose bytes are missing */
  public objectsOf(bucket: string): StoredObject[] {
    const objects = [...(this.kept.get(bucket)?.values() ?? [])];
    return objects.map(({ blob, ...object }) => ({ ...object, data: this.blobs.read(blob) }));
  }

  /** Deletes all other buckets. @returns the deleted buckets, with the number of their objects */
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
