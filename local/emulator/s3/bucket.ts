import type { BucketKeeper } from './bucket-state';
import type { CorsRule } from './cors';
import type { Upload } from './multipart';

/** An object in memory. */
export interface StoredObject {
  readonly key: string;
  readonly data: Buffer;
  /** ETag including its quotes. */
  readonly etag: string;
  /** Time of the last change in milliseconds since the epoch. Responses of S3 contain whole seconds. */
  readonly modifiedAt: number;
  /** Content headers and `x-amz-meta-*` headers, as the client sent them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksums: Readonly<Record<string, string>>;
}

export class Bucket {
  public readonly uploads = new Map<string, Upload>();
  private readonly objects = new Map<string, StoredObject>();

  /** @param restored objects of the bucket from an earlier run */
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

  /** Returns the objects under a prefix, sorted by the bytes of their keys. */
  public list(prefix: string): StoredObject[] {
    const found = [...this.objects.values()].filter(({ key }) => key.startsWith(prefix));
    return found.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }
}
