import { createHash } from 'node:crypto';
import type { PayloadObject } from '../../lambda-src/core/request';
import type { Payloads } from '../../lambda-src/flows/ports';

/** A bucket in memory. Its URLs contain a number that grows, so that a test can distinguish them. To let a call fail, set `fail`. */
export class MemoryPayloads implements Payloads {
  public readonly objects = new Map<string, Buffer>();
  public fail: Error | undefined;
  private urls = 0;

  public async put(key: string, text: string): Promise<PayloadObject> {
    this.check();
    this.objects.set(key, Buffer.from(text));
    return describe(key, text);
  }

  public async get({ key }: PayloadObject): Promise<Uint8Array | undefined> {
    this.check();
    return this.objects.get(key);
  }

  public async stream({ key }: PayloadObject): Promise<ReadableStream<Uint8Array> | undefined> {
    this.check();
    const bytes = this.objects.get(key);
    return bytes && new Blob([new Uint8Array(bytes)]).stream();
  }

  public async size(key: string): Promise<number | undefined> {
    this.check();
    return this.objects.get(key)?.length;
  }

  public async download({ key, bytes, sha256 }: PayloadObject) {
    return { url: `https://bucket.test/${key}?get=${++this.urls}`, bytes, sha256 };
  }

  public async upload({ key }: PayloadObject) {
    return { url: `https://bucket.test/${key}?put=${++this.urls}`, headers: { 'if-none-match': '*' } };
  }

  private check(): void {
    if (this.fail) throw this.fail;
  }
}

export const digestOf = (data: string | Buffer): string => createHash('sha256').update(data).digest('base64');

export const describe = (key: string, text: string): PayloadObject => ({
  key,
  bytes: Buffer.byteLength(text),
  sha256: digestOf(text),
});
