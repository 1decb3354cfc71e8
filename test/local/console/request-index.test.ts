import { MAX_REQUESTS, RequestIndex, requestView } from '../../../local/console/request-index';
import type { LogEvent, StreamReader, StreamRecord } from '../../../local/emulator/types';
import { FakeClock } from '../../fakes/fake-clock';

const TABLES = { requestsTable: 'requests', eventsTable: 'events' };

/** A stream with one shard. The test decides when a record is written. */
class FakeStream implements StreamReader {
  private readonly records: StreamRecord[] = [];
  private listener: () => void = () => undefined;
  public failing = false;

  public async shards(): Promise<string[]> {
    if (this.failing) throw new Error('the stream is gone');
    return ['shard'];
  }

  public async read(_shard: string, position: 'LATEST' | 'TRIM_HORIZON' | { readonly after: string }, limit: number) {
    if (position === 'LATEST') throw new Error('the console reads from the beginning');
    const from = position === 'TRIM_HORIZON' ? 0 : Number(position.after);
    return { records: this.records.slice(from, from + limit) };
  }

  public onRecords(listener: () => void): () => void {
    this.listener = listener;
    return () => {
      this.listener = () => undefined;
    };
  }

  public write(item: Record<string, unknown> | undefined, key = String(item?.requestKey)): void {
    const image = item && Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attribute(value)]));
    const SequenceNumber = String(this.records.length + 1);
    const dynamodb = { Keys: { requestKey: { S: key } }, NewImage: image, SequenceNumber };
    this.records.push({ dynamodb } as unknown as StreamRecord);
    this.listener();
  }
}

function attribute(value: unknown): unknown {
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value !== 'object' || value === null) return { S: String(value) };
  return { M: Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, attribute(inner)])) };
}

function build() {
  const clock = new FakeClock();
  const events: LogEvent[] = [];
  const index = new RequestIndex(clock, (event) => events.push(event));
  const stream = new FakeStream();
  index.follow(stream, TABLES);
  const accepted = {
    requestKey: 'acme#ann#r-1',
    id: 'r-1',
    action: 'report',
    tenant: 'acme',
    user: 'ann',
    epoch: 'e1',
    status: 'PENDING',
    fence: 0,
    attempt: 0,
    maxAttempts: 3,
    run: 1,
    createdAt: clock.now() - 4,
    notBefore: clock.now() - 4,
    input: '{"large":true}',
  };
  return { clock, events, index, stream, accepted };
}

/** Waits until the index has read all records. It reads asynchronously, with microtasks and timers of 0 ms. */
const read = () => new Promise((resolve) => setImmediate(resolve));

test('The index records when a request waited, ran, was retried, failed, was started again and ended', async () => {
  const { clock, index, stream, accepted } = build();
  const start = accepted.createdAt;
  stream.write(accepted);
  await read();
  for (const change of [
    { status: 'RUNNING', fence: 1, attempt: 1, leaseUntil: 1 },
    { status: 'RUNNING', fence: 1, attempt: 1, leaseUntil: 2 },
    { status: 'PENDING', fence: 1, attempt: 1, notBefore: 99 },
    { status: 'RUNNING', fence: 2, attempt: 2 },
    { status: 'FAILED', fence: 2, attempt: 2, outcome: { kind: 'error', error: '{"code":"X"}' } },
    { status: 'PENDING', fence: 2, attempt: 0, run: 2 },
    { status: 'RUNNING', fence: 3, attempt: 1, run: 2 },
    { status: 'COMPLETED', fence: 3, attempt: 1, run: 2, outcome: { kind: 'result', body: '{"large":1}' } },
  ]) {
    clock.advance(10);
    stream.write({ ...accepted, ...change });
    await read();
  }
  const tracked = index.get('acme#ann#r-1');
  expect(tracked?.transitions.map(({ at, status, run, attempt }) => [at - start, status, run, attempt])).toEqual([
    [0, 'PENDING', 1, 0],
    [14, 'RUNNING', 1, 1],
    [34, 'PENDING', 1, 1],
    [44, 'RUNNING', 1, 2],
    [54, 'FAILED', 1, 2],
    [64, 'PENDING', 2, 0],
    [74, 'RUNNING', 2, 1],
    [84, 'COMPLETED', 2, 1],
  ]);
  expect(JSON.stringify(tracked)).not.toContain('large');
  expect(tracked && requestView(tracked)).toMatchObject({
    status: 'COMPLETED',
    startedAt: start + 14,
    endedAt: start + 84,
    run: 2,
    attempt: 1,
    progress: { percentage: 100 },
  });
});

test('an id that is used again after its retention is a new request', async () => {
  const { index, stream, accepted } = build();
  stream.write({ ...accepted, status: 'COMPLETED', fence: 1 });
  stream.write({ ...accepted, epoch: 'e2' });
  await read();
  expect(index.get('acme#ann#r-1')?.transitions).toHaveLength(1);
});

test('changed requests are reported once; those that expired are gone', async () => {
  const { index, stream, accepted } = build();
  stream.write(accepted);
  await read();
  expect(index.takeChanged()).toEqual(['acme#ann#r-1']);
  expect(index.takeChanged()).toEqual([]);
  stream.write(undefined, 'acme#ann#r-1');
  await read();
  expect(index.takeChanged()).toEqual(['acme#ann#r-1']);
  expect(index.all()).toEqual([]);
});

test('the latest progress report counts, in any order of arrival, and no report after the end', async () => {
  const { index, stream, accepted } = build();
  stream.write({ ...accepted, status: 'RUNNING', fence: 2 });
  await read();
  const percentage = () => index.get('acme#ann#r-1')?.progress?.percentage;
  index.reported('["acme","ann"]', 'r-1', { fence: 2, seq: 5, percentage: 50 });
  index.setProgress('acme#ann#r-1', { fence: 2, seq: 4, percentage: 40 });
  index.setProgress('acme#ann#r-1', { fence: 1, seq: 9, percentage: 90 });
  index.reported('["acme","bob"]', 'r-1', { fence: 3, seq: 1, percentage: 1 });
  expect(percentage()).toBe(50);
  stream.write({ ...accepted, status: 'RUNNING', fence: 3 });
  await read();
  expect(percentage()).toBeUndefined();
  stream.write({ ...accepted, status: 'FAILED', fence: 3, outcome: { kind: 'error', error: '{"code":"X"}' } });
  await read();
  index.setProgress('acme#ann#r-1', { fence: 4, seq: 1, percentage: 10 });
  expect(percentage()).toBeUndefined();
});

test('the index keeps the latest requests, and counts all', async () => {
  const { index, stream, accepted } = build();
  const count = MAX_REQUESTS + 100;
  for (let i = 0; i < count; i++) stream.write({ ...accepted, requestKey: `k${i}`, id: `r${i}` });
  stream.write({ ...accepted, requestKey: `k${count - 1}`, id: `r${count - 1}`, status: 'RUNNING' });
  await read();
  expect(index.all()).toHaveLength(MAX_REQUESTS);
  expect(index.seen).toBe(count);
  expect(index.get('k99')).toBeUndefined();
  expect(index.get(`k${count - 1}`)).toBeDefined();
});

test('a touched id is a change of all requests with this id', async () => {
  const { index, stream, accepted } = build();
  stream.write(accepted);
  stream.write({ ...accepted, requestKey: 'acme#bob#r-1', user: 'bob' });
  await read();
  index.takeChanged();
  index.touch('r-1');
  index.touch('unknown');
  expect(index.takeChanged()).toEqual(['acme#ann#r-1', 'acme#bob#r-1']);
});

test('the view has the error of the last attempt until the request is completed', async () => {
  const { index, stream, accepted } = build();
  const failure = { id: 'r-1', run: 1, attempt: 1, at: 1, title: 'TypeError: no' };
  const viewAs = async (status: string) => {
    stream.write({ ...accepted, status });
    await read();
    return requestView(index.get('acme#ann#r-1') as never, [{ ...failure, title: 'Error: first' }, failure]).failure;
  };
  expect(await viewAs('PENDING')).toEqual(failure);
  expect(await viewAs('FAILED')).toEqual(failure);
  expect(await viewAs('COMPLETED')).toBeUndefined();
});

test('items of other kinds are ignored, and a stream that fails is a warning', async () => {
  const { index, stream, events } = build();
  stream.write({ requestKey: 'something', else: 1 });
  await read();
  expect(index.all()).toEqual([]);
  stream.failing = true;
  stream.write({ requestKey: 'x' });
  await read();
  expect(events).toEqual([expect.objectContaining({ source: 'console', level: 'warn' })]);
});
