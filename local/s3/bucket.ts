import type { CorsRule } from './cors';
import type { Upload } from './multipart';

/** An object, whole in memory. */
export interface StoredObject {
  readonly key: string;
  readonly data: Buffer;
  /** With its quotes. */
  readonly etag: string;
  /** In milliseconds; S3 shows seconds. */
  readonly modifiedAt: number;
  /** Content headers and `x-amz-meta-*`, as they were sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksums: Readonly<Record<string, string>>;
}

export class Bucket {
  public readonly uploads = new Map<string, Upload>();
  private readonly objects = new Map<string, StoredObject>();

  public constructor(
    public readonly name: string,
    public readonly cors: readonly CorsRule[],
  ) {}

  public get(key: string): StoredObject | undefined {
    return this.objects.get(key);
  }

  public put(object: StoredObject): void {
    this.objects.set(object.key, object);
  }

  public delete(key: string): void {
    this.objects.delete(key);
  }

  /** The objects under a prefix, in the order of their keys' bytes. */
  public list(prefix: string): StoredObject[] {
    const found = [...this.objects.values()].filter(({ key }) => key.startsWith(prefix));
    return found.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }
}
