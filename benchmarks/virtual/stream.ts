import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import type { Item } from '../../lambda-src/core';
import type { FaultPlan } from '../../local/emulator/chaos';
import type { VirtualClock } from './clock';

/** The stream's own latency, from the write to the call of the dispatcher. */
export const STREAM_MS = 250;
/** Shards of a new table, times the mapping's parallelization factor. */
const LANES = 8;
const BATCH = 100;

/** A record that is no request. */
const POISON: DynamoDBRecord = {
  dynamodb: {
    NewImage: marshall({ requestKey: 'poison', status: 'PENDING', fence: 'none' }) as never,
    SequenceNumber: '0',
  },
};

/** Receives a batch, and returns the sequence numbers of the records that failed. */
type Consume = (records: DynamoDBRecord[]) => Promise<readonly string[]>;

interface Waiting {
  readonly at: number;
  /** Key of the item. */
  readonly key: string;
  readonly record: DynamoDBRecord;
}

/** The stream of the requests table with its mapping: records of one item stay in order, and a failed record comes again with those after it. */
export class VirtualStream {
  private readonly lanes = Array.from({ length: LANES }, (): Waiting[] => []);
  private readonly busy = new Set<Waiting[]>();
  private written = 0;

  public constructor(
    private readonly clock: VirtualClock,
    private readonly consume: Consume,
    private readonly plan?: FaultPlan,
  ) {}

  public write(key: string, image: Item): void {
    const lane = this.lanes[[...key].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % LANES, 7)];
    const NewImage = marshall(image, { removeUndefinedValues: true }) as never;
    const at = this.clock.now() + STREAM_MS;
    this.add(lane, { at, key, record: { dynamodb: { NewImage, SequenceNumber: String(++this.written) } } });
    if (!this.busy.has(lane)) void this.drain(lane);
  }

  /** Adds a record to a lane, unless a fault loses it. The times of a lane never decrease. */
  private add(lane: Waiting[], written: Waiting): void {
    const fault = this.plan?.next('record');
    if (fault) this.plan?.took(fault);
    if (fault?.fault === 'lose') return;
    const previous = lane.at(-1);
    const ms = fault?.fault === 'late' ? fault.ms : 0;
    const waiting = { ...written, at: Math.max(written.at + ms, previous?.at ?? 0) };
    const isAhead = previous !== undefined && previous.at > this.clock.now() && previous.key !== waiting.key;
    if (fault?.fault === 'poison') lane.push({ ...waiting, key: 'poison', record: POISON });
    if (fault?.fault === 'duplicate') lane.push(waiting);
    if (fault?.fault === 'reorder' && isAhead) lane.splice(-1, 1, { ...waiting, at: previous.at }, previous);
    else lane.push(waiting);
  }

  private async drain(lane: Waiting[]): Promise<void> {
    this.busy.add(lane);
    while (lane.length > 0) {
      await this.clock.sleep(lane[0].at - this.clock.now());
      const batch = lane.filter(({ at }) => at <= this.clock.now()).slice(0, BATCH);
      const failed = new Set(await this.consume(batch.map(({ record }) => record)));
      const repeated = this.plan?.next('batch');
      if (repeated) this.plan?.took(repeated);
      if (repeated) continue;
      const first = batch.findIndex(({ record }) => failed.has(record.dynamodb?.SequenceNumber ?? ''));
      lane.splice(0, first < 0 ? batch.length : first);
    }
    this.busy.delete(lane);
  }
}
