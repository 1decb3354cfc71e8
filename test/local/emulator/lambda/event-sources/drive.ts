import { setImmediate } from 'node:timers/promises';
import type { FunctionInvoker, InvokeResult, StreamReader, StreamRecord } from '../../../../../local/emulator/types';
import type { FakeClock } from '../../../../fakes/fake-clock';

/** Waits until everything has run that waits only for promises. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await setImmediate();
}

/** Advances a fake clock in small steps. After each step, it waits until the work of the timers has ended. */
export async function advance(clock: FakeClock, ms: number, step = 100): Promise<void> {
  await settle();
  for (let left = ms; left > 0; left -= step) {
    clock.advance(Math.min(step, left));
    await settle();
  }
}

export const ok = (payload: unknown = null): InvokeResult => ({ ok: true, payload, durationMs: 1 });

export const failed = (errorType = 'Error'): InvokeResult => ({
  ok: false,
  kind: 'Handled',
  error: { errorType, errorMessage: 'as given' },
  durationMs: 1,
});

export const report = (...ids: unknown[]): InvokeResult =>
  ok({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

export interface Invocation<E> {
  readonly functionName: string;
  readonly event: E;
}

/** A function with predefined answers that records its events. It throws the error that the test sets. */
export class FakeFunction<E> implements FunctionInvoker {
  public readonly invocations: Invocation<E>[] = [];
  public running = 0;
  public mostRunning = 0;

  public constructor(private readonly answer: (event: E, count: number) => InvokeResult | Promise<InvokeResult>) {}

  public async invoke(functionName: string, event: unknown): Promise<InvokeResult> {
    this.invocations.push({ functionName, event: event as E });
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    try {
      return await this.answer(event as E, this.invocations.length);
    } finally {
      this.running--;
    }
  }

  public invokeAsync(): void {
    throw new Error('a mapping invokes synchronously');
  }
}

export const STREAM_ARN = 'arn:aws:dynamodb:eu-west-1:111122223333:table/requests/stream/2026-01-01T00:00:00.000';

/** A stream in memory. The test writes to its shards. */
export class FakeStream implements StreamReader {
  public readonly records = new Map<string, StreamRecord[]>();
  public failReads = 0;
  private readonly listeners = new Set<() => void>();
  private sequence = 0;

  public constructor(
    private readonly clock: FakeClock,
    shards: readonly string[] = ['shard-1'],
  ) {
    for (const shard of shards) this.records.set(shard, []);
  }

  public put(key: string, image: Record<string, unknown> = {}, shard = 'shard-1'): StreamRecord {
    const record: StreamRecord = {
      eventID: `e${this.sequence}`,
      eventName: 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'eu-west-1',
      eventSourceARN: STREAM_ARN,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(this.clock.now() / 1000),
        Keys: { pk: { S: key } },
        NewImage: { pk: { S: key }, ...image },
        SequenceNumber: String(++this.sequence).padStart(21, '0'),
        SizeBytes: 10,
        StreamViewType: 'NEW_IMAGE',
      },
    };
    this.shard(shard).push(record);
    for (const listener of this.listeners) listener();
    return record;
  }

  public get listening(): number {
    return this.listeners.size;
  }

  public addShard(shard: string): void {
    this.records.set(shard, []);
  }

  public shards(): Promise<string[]> {
    return Promise.resolve([...this.records.keys()]);
  }

  public read(shard: string, position: 'LATEST' | 'TRIM_HORIZON' | { after: string }, limit: number) {
    if (this.failReads > 0) {
      this.failReads--;
      return Promise.reject(new Error('the store is away'));
    }
    if (position === 'LATEST') return Promise.resolve({ records: [] });
    const all = this.shard(shard);
    const records = position === 'TRIM_HORIZON' ? all : all.filter((r) => r.dynamodb.SequenceNumber > position.after);
    return Promise.resolve({ records: records.slice(0, limit) });
  }

  public onRecords(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private shard(name: string): StreamRecord[] {
    const records = this.records.get(name);
    if (!records) throw new Error(`no shard ${name}`);
    return records;
  }
}

export interface StreamEvent {
  readonly Records: readonly StreamRecord[];
}

export const keyOf = ({ dynamodb }: StreamRecord): string => (dynamodb.Keys.pk as { S: string }).S;
export const keysOf = (event: StreamEvent): string[] => event.Records.map(keyOf);
