import type { StreamRecord } from '../../types';

interface Entry {
  readonly sequence: string;
  done: boolean;
}

/** Progress in a shard. All records up to the checkpoint were processed, filtered out or discarded. */
export class ShardProgress {
  private readonly open: Entry[] = [];
  private readonly bySequence = new Map<string, Entry>();

  public constructor(private last?: string) {}

  public get checkpoint(): string | undefined {
    return this.last;
  }

  /** Number of records that were read and are after the checkpoint. */
  public get pending(): number {
    return this.open.length;
  }

  public read(record: StreamRecord): void {
    const entry = { sequence: record.dynamodb.SequenceNumber, done: false };
    this.open.push(entry);
    this.bySequence.set(entry.sequence, entry);
  }

  public finish(records: readonly StreamRecord[]): void {
    for (const { dynamodb } of records) {
      const entry = this.bySequence.get(dynamodb.SequenceNumber);
      if (entry) entry.done = true;
    }
    while (this.open[0]?.done) this.advance(this.open.shift() as Entry);
  }

  private advance({ sequence }: Entry): void {
    this.bySequence.delete(sequence);
    this.last = sequence;
  }
}
