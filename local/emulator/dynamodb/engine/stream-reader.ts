import type { StreamPage, StreamReader } from '../../types';
import { isAnswer } from './errors';
import type { TableStream } from './stream';

/** Reads a stream in this process. `LATEST` is the end of the stream at the time when the reader was created. */
export class LocalStreamReader implements StreamReader {
  private readonly latest: Map<string, number>;

  constructor(private readonly stream: TableStream) {
    this.latest = new Map([...stream.shards.values()].map((shard) => [shard.id, shard.end]));
  }

  public async shards(): Promise<string[]> {
    return [...this.stream.shards.keys()];
  }

  public async read(
    shardId: string,
    position: 'LATEST' | 'TRIM_HORIZON' | { readonly after: string },
    limit: number,
  ): Promise<StreamPage> {
    const shard = this.stream.shards.get(shardId);
    if (!shard) throw new Error(`The stream ${this.stream.options.arn} has no shard ${shardId}`);
    // returns copies, because the images are the stored items, and a reader may change its records
    const entries = shard.entriesFrom(this.startOf(shard, position), limit);
    return { records: structuredClone(entries.map(({ record }) => record)), writtenAt: entries.map(({ at }) => at) };
  }

  public onRecords(listener: () => void): () => void {
    return this.stream.onRecords(listener);
  }

  private startOf(
    shard: { id: string; start: number; positionOf(sequenceNumber: string): number },
    position: 'LATEST' | 'TRIM_HORIZON' | { readonly after: string },
  ): number {
    if (position === 'LATEST') return this.latest.get(shard.id) ?? shard.start;
    if (position === 'TRIM_HORIZON') return shard.start;
    try {
      return shard.positionOf(String(BigInt(position.after) + 1n));
    } catch (error) {
      // the next record was trimmed, so the reader continues with the oldest remaining record
      if (!isAnswer(error)) throw error;
      return shard.start;
    }
  }
}
