import type { BucketKeeper } from './bucket-state';
import type { CorsRule } from './cors';
import type { Upload } from './multipart';

/** An object, whole in memory. */
export interface StoredObject {
  readonly key: string;
  readonly data: Buffer;
  /** The ETag with its quotes. */
  readonly etag: string;
  /** Time of the last change in milliseconds; responses of S3 contain whole seconds. */
  readonly modifiedAt: number;
  /** Content headers and `x-amz-meta-*`, as they were sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksums: Readonly<Record<string, string>>;
}

export class Bucket {
  public readonly uploads = new Map<string, Upload>();
  private readonly objects = new Map<string, StoredObject>();

  /** @param restored objects that the bucket had in an earlier run */
  public constructor(
    public readonly name: string,
    public cors: readonly CorsRule[],
    private readonly keeper?: BucketKeeper,
    restored: readonly StoredObject[] = [],
  ) {
    for (const object of restored) this.objects.set(object.key, object);
  }

  public get size(): number {
    return this.objects.size;
  }

  public get(key: string): StoredObject | undefined {
    return this.objects.get(key);
  }

  public put(object: StoredObject): void {
    this.keeper?.put(object);
    this.objects.set(object.key, object);
  }

  public delete(key: string): void {
    if (this.objects.has(key)) this.keeper?.deleted(key);
    this.objects.delete(key);
  }

  /** The objects under a prefix, in the order of their keys' bytes. */
  public list(prefix: string): StoredObject[] {
    const found = [...this.objects.values()].filter(({ key }) => key.startsWith(prefix));
    return found.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }
}
