import type { StreamReader, StreamRecord } from '../emulator/types';

const READ_LIMIT = 100;

/** Reads a stream to its end. Only one read is active at a time, for any number of calls. */
export class StreamFollower {
  private readonly positions = new Map<string, string>();
  private reading: Promise<void> | undefined;
  private again = false;

  public constructor(
    private readonly reader: StreamReader,
    private readonly onRecord: (record: StreamRecord, writtenAt: number | undefined) => void,
  ) {}

  public read(): Promise<void> {
    if (this.reading) this.again = true;
    this.reading ??= this.readAll().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async readAll(): Promise<void> {
    do {
      this.again = false;
      for (const shard of await this.reader.shards()) await this.readShard(shard);
    } while (this.again);
  }

  private async readShard(shard: string): Promise<void> {
    for (;;) {
      const after = this.positions.get(shard);
      const position = after === undefined ? 'TRIM_HORIZON' : { after };
      const { records, writtenAt } = await this.reader.read(shard, position, READ_LIMIT);
      for (const [i, record] of records.entries()) this.onRecord(record, writtenAt?.[i]);
      const last = records.at(-1);
      if (last) this.positions.set(shard, last.dynamodb.SequenceNumber);
      if (records.length < READ_LIMIT) return;
    }
  }
}
