import { deadBucket } from '../../lambda-src/core/keys';
import type { DeadLetterKey, RequestReader, TimeRange } from '../../lambda-src/flows/operations';
import type { MemoryStore } from './memory-store';

/** Reads of many requests from the tables in memory. */
export class MemoryReader implements RequestReader {
  public constructor(private readonly store: MemoryStore) {}

  public async *deadLetters(
    shard: number,
    { from = 0, to = Number.POSITIVE_INFINITY }: TimeRange,
  ): AsyncGenerator<DeadLetterKey> {
    const found = this.store
      .all('requests')
      .filter(({ dueBucket, dueAt }) => dueBucket === deadBucket(shard) && Number(dueAt) >= from && Number(dueAt) <= to)
      .map(({ requestKey, dueAt }) => ({ requestKey: String(requestKey), dueAt: Number(dueAt) }));
    yield* found.sort((a, b) => b.dueAt - a.dueAt);
  }

  public async *scan() {
    yield* this.store.all('requests').map((item) => ({ ...item }));
  }
}
