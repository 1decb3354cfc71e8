import type { Announcement } from '../../../../lambda-src/core/announcement';
import type { RequestItem } from '../../../../lambda-src/core/request';
import {
  type AnnouncedRecord,
  announce,
  eventId,
  type Sink,
} from '../../../../lambda-src/flows/announcements/announce';
import { Bench } from '../../support/bench';
import { settle } from '../../support/fake-platform';

let bench: Bench;
let request: RequestItem;

beforeEach(async () => {
  bench = new Bench();
  await bench.request('r1');
  request = { ...(await bench.stored('r1')), status: 'COMPLETED', outcome: { kind: 'result', body: '1' } };
});

/** A sink that accepts everything except the ids in `fails`, and records the ids that were sent to it. */
class FakeSink implements Sink {
  public readonly offered: string[][] = [];

  public constructor(
    public readonly name: string,
    private readonly fails: (id: string, attempt: number) => boolean | Error = () => false,
  ) {}

  public async send(announcements: readonly Announcement[]): Promise<number[]> {
    const ids = announcements.map(({ id }) => id);
    this.offered.push(ids);
    const answers = ids.map((id) => this.fails(id, this.offered.length));
    const error = answers.find((answer) => answer instanceof Error);
    if (error) throw error;
    return ids.flatMap((_, index) => (answers[index] ? [index] : []));
  }
}

const record = (id: string, changes: Partial<RequestItem> = {}): AnnouncedRecord => ({
  sequenceNumber: `seq-${id}`,
  endedAt: 1_700_000_000_000,
  request: { ...request, id, ...changes },
});

async function run(sinks: Sink[], ...records: AnnouncedRecord[]): Promise<string[]> {
  const { platform, log } = bench;
  const done = announce({ sinks, api: 'Api', platform, log }, records);
  await platform.advance(60_000);
  await settle();
  expect(platform.sleeping).toBe(0);
  return done;
}

test('every sink is notified of every end, once', async () => {
  const [bus, webhook] = [new FakeSink('bus'), new FakeSink('webhook')];

  expect(await run([bus, webhook], record('a'), record('b', { status: 'FAILED' }))).toEqual([]);

  expect(bus.offered).toEqual([['a', 'b']]);
  expect(webhook.offered).toEqual([['a', 'b']]);
});

test('no sink is notified of a request that has not ended', async () => {
  const bus = new FakeSink('bus');
  expect(await run([bus], record('a', { status: 'PENDING' }), record('b', { status: 'RUNNING' }))).toEqual([]);
  expect(bus.offered).toEqual([]);
});

test('only announcements that a sink did not accept are sent again, and only to that sink', async () => {
  const bus = new FakeSink('bus', (id, attempt) => id === 'b' && attempt < 3);
  const webhook = new FakeSink('webhook');

  expect(await run([bus, webhook], record('a'), record('b'), record('c'))).toEqual([]);

  expect(bus.offered).toEqual([['a', 'b', 'c'], ['b'], ['b']]);
  expect(webhook.offered).toEqual([['a', 'b', 'c']]);
});

test('an announcement that fails three times is sent again with its record', async () => {
  const bus = new FakeSink('bus', (id) => id === 'b');
  const webhook = new FakeSink('webhook', (id) => id === 'c');

  expect(await run([bus, webhook], record('a'), record('b'), record('c'))).toEqual(['seq-b', 'seq-c']);

  expect(bus.offered).toHaveLength(3);
  expect(bench.lines.filter(({ level }) => level === 'error')).toMatchObject([
    { message: 'could not announce', fields: { sink: 'bus', count: 1 } },
    { message: 'could not announce', fields: { sink: 'webhook', count: 1 } },
  ]);
});

test('if one sink cannot be reached, the other sinks are still notified', async () => {
  const bus = new FakeSink('bus', () => new Error('down'));
  const webhook = new FakeSink('webhook');

  expect(await run([bus, webhook], record('a'))).toEqual(['seq-a']);
  expect(webhook.offered).toEqual([['a']]);
});

describe('the id of an event', () => {
  test('the id of an event is the same for each notification of an end, whatever else of the request changes', () => {
    expect(eventId(request)).toMatch(/^evt_[\w-]{32}$/);
    expect(eventId({ ...request, status: 'FAILED', fence: 9 } as RequestItem)).toBe(eventId(request));
  });

  test.each([
    ['another run', { run: 2 }],
    ['another request', { requestKey: 'acme#alice#r2' }],
    ['a request made again under its id', { epoch: 'other' }],
  ])('the id of an event differs for %s', (_, change) => {
    expect(eventId({ ...request, ...change })).not.toBe(eventId(request));
  });
});
