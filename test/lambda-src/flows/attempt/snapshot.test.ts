import fc from 'fast-check';
import type { RequestItem } from '../../../../lambda-src/core/request';
import { StaleAttempt } from '../../../../lambda-src/flows/attempt/log';
import { openLog, type Reporter } from '../../../../lambda-src/flows/attempt/reporter';
import { contextOf } from '../../../../lambda-src/flows/handlers/context';
import { ensureTerminal } from '../../../../lambda-src/flows/log/terminal';
import { attach } from '../../../../lambda-src/flows/requests/attach';
import type { HandlerContext } from '../../../../lambda-src/handler';
import type { AckFrame, Json } from '../../../../lambda-src/protocol';
import { validateMessage } from '../../../../lambda-src/protocol';
import { ALICE, ALICE_PHONE, Bench } from '../../support/bench';

let bench: Bench;
let reporters: Reporter[];

beforeEach(async () => {
  bench = new Bench();
  reporters = [];
  await bench.connect(ALICE, ALICE_PHONE);
});
afterEach(async () => {
  for (const reporter of reporters) {
    const closing = reporter.close();
    await bench.platform.advance(1_000);
    await closing;
  }
});

/** Opens the log for a claim. @returns the context of its handler */
async function begin(request: RequestItem): Promise<HandlerContext> {
  const reporter = await openLog(bench.deps, request, { ratePerSecond: 10, onStale: () => undefined });
  reporters.push(reporter);
  const nothing = () => ({}) as never;
  const { log } = bench.deps;
  const signal = new AbortController().signal;
  return contextOf({
    ...{ request, reporter, signal, log },
    input: null,
    deadline: 0,
    continue: nothing,
    messages: nothing,
    stream: nothing,
  });
}

/** Attaches as a late viewer, and checks that the answer is a message of the protocol. */
async function attachLate(more: object = {}): Promise<AckFrame> {
  const ack = await attach(bench.deps, ALICE_PHONE, { type: 'attach', id: 'r1', ...more });
  expect(validateMessage(JSON.stringify(ack), 'server')).toMatchObject({ ok: true });
  return ack;
}
const offsets = ({ entries = [] }: AckFrame) => entries.map(({ offset }) => offset);

test('a late viewer starts at the latest snapshot, and gets the entries from its offset on', async () => {
  const context = await begin(await bench.running());
  for (let n = 0; n < 5; n++) await context.emit('row', n);
  await context.snapshot({ rows: 5 });
  await context.emit('row', 5);
  await context.snapshot({ rows: 6 });
  await context.emit('row', 6);

  const ack = await attachLate();
  expect(ack.snapshot).toEqual({ offset: 7, run: 1, attempt: 1, fence: 1, data: { rows: 6 } });
  expect([offsets(ack), ack.offset, ack.recovered, ack.more]).toEqual([[7], 8, true, undefined]);
});

test('a viewer that names an offset gets all entries, and no snapshot', async () => {
  const context = await begin(await bench.running());
  await context.emit('row', 0);
  await context.snapshot('state');

  for (const offset of [0, 1, 2]) {
    const ack = await attachLate({ offset });
    expect(ack.snapshot).toBeUndefined();
    expect(offsets(ack)).toEqual([0, 1].slice(offset));
  }
});

test('a snapshot takes no offset and is not sent to viewers that follow the log', async () => {
  const request = await bench.running();
  const context = await begin(request);
  await context.emit('row', 0);
  await context.snapshot('state');
  await context.emit('row', 1);
  await bench.platform.advance(1_000);

  expect((await bench.entries(request)).map(({ name }) => name)).toEqual(['$attempt', 'row', 'row']);
  expect(bench.to(ALICE).map(({ offset }) => offset)).toEqual([0, 1, 2]);
  expect(JSON.stringify(bench.posts)).not.toContain('state');
});

test('a snapshot contains the events before its call, even if the handler did not wait for them', async () => {
  const context = await begin(await bench.running());
  void context.emit('row', 0);
  void context.emit('row', 1);
  const stored = context.snapshot('two rows');
  void context.emit('row', 2);
  await stored;

  expect((await attachLate()).snapshot).toMatchObject({ offset: 3, data: 'two rows' });
});

test('without a snapshot, a late viewer gets the whole log', async () => {
  const context = await begin(await bench.running());
  await context.emit('row', 0);
  const ack = await attachLate();

  expect([ack.snapshot, offsets(ack), ack.recovered]).toEqual([undefined, [0, 1], true]);
});

test('a snapshot without data is null', async () => {
  const context = await begin(await bench.running());
  await context.snapshot(undefined);

  expect((await attachLate()).snapshot).toMatchObject({ offset: 1, data: null });
});

describe('several attempts', () => {
  test('a snapshot remains after a retry, and the next attempt replaces it', async () => {
    const first = await begin(await bench.running());
    await first.emit('row', 0);
    await first.snapshot('first');
    bench.platform.time += 61_000;
    const second = await begin(await bench.claim());
    expect((await attachLate()).snapshot).toMatchObject({ offset: 2, attempt: 1, fence: 1, data: 'first' });
    await second.snapshot('second');

    const ack = await attachLate();
    expect(ack.snapshot).toMatchObject({ offset: 3, attempt: 2, fence: 2, data: 'second' });
    expect(offsets(ack)).toEqual([]);
  });

  test('an attempt that has lost its claim cannot replace the snapshot of a later attempt, and stops', async () => {
    const first = await begin(await bench.running());
    bench.platform.time += 61_000;
    const second = await begin(await bench.claim());
    await second.snapshot('second');

    await expect(first.snapshot('late')).rejects.toBeInstanceOf(StaleAttempt);
    expect((await attachLate()).snapshot).toMatchObject({ data: 'second' });
  });

  test('after the end, a late viewer gets the snapshot and the end', async () => {
    const request = await bench.running();
    const context = await begin(request);
    await context.snapshot('state');
    const { requestKey } = request;
    const outcome = { kind: 'result', body: '{"url":"x"}' };
    const set = { status: 'COMPLETED', outcome };
    await bench.memory.write({ kind: 'update', table: 'requests', key: { requestKey }, set });
    await ensureTerminal(bench.deps, await bench.stored(), 'dispatcher');

    const ack = await attachLate();
    expect(ack.snapshot).toMatchObject({ offset: 1 });
    expect(ack.entries).toMatchObject([{ type: 'result', offset: 1, result: { url: 'x' } }]);
  });
});

describe('limits', () => {
  test.each<[string, unknown]>([
    ['is larger than 64 KB', 'x'.repeat(64 * 1024)],
    ['is not JSON', 1n],
  ])('a snapshot that %s is refused, and nothing is stored', async (_, data) => {
    const context = await begin(await bench.running());
    await expect(context.snapshot(data)).rejects.toMatchObject({ code: 'INVALID_EVENT' });
    await expect(context.flush()).rejects.toMatchObject({ code: 'INVALID_EVENT' });
    expect((await attachLate()).snapshot).toBeUndefined();
  });

  test('an answer with the largest snapshot fits into a message, and the client reads the other entries in further answers', async () => {
    const context = await begin(await bench.running());
    await context.snapshot('é'.repeat((64 * 1024 - 2) / 2));
    for (let n = 0; n < 4; n++) await context.emit('row', 'x'.repeat(20_000));
    context.progress({ percentage: 1, metadata: { text: 'y'.repeat(16_000) } });
    await context.flush();

    const ack = await attachLate();
    expect(Buffer.byteLength(JSON.stringify(ack))).toBeLessThanOrEqual(128 * 1024);
    expect([offsets(ack), ack.offset, ack.more]).toEqual([[1], 2, true]);
  });

  test('if not even one entry fits next to the snapshot, the answer has none, and the log continues', async () => {
    const context = await begin(await bench.running());
    await context.snapshot('x'.repeat(64 * 1024 - 2));
    await context.emit('row', 'x'.repeat(32 * 1024 - 2));

    const ack = await attachLate();
    expect([offsets(ack), ack.offset, ack.more, ack.recovered]).toEqual([[], 1, true, true]);
    expect(offsets(await attachLate({ offset: 1 }))).toEqual([1]);
  });

  test('if the entries after the snapshot have expired, the answer begins with what is left, without the snapshot', async () => {
    const request = await bench.running();
    const context = await begin(request);
    await context.snapshot('state');
    for (let n = 0; n < 3; n++) await context.emit('row', n);
    const logKey = `${request.requestKey}#${request.epoch}`;
    for (const offset of [0, 1]) await bench.memory.write({ kind: 'delete', table: 'events', key: { logKey, offset } });

    const ack = await attachLate();
    expect([ack.snapshot, offsets(ack), ack.recovered]).toEqual([undefined, [2, 3], false]);
  });
});

test('the offset of a snapshot is the number of entries before it, whatever writes fail and whichever attempts run', async () => {
  const step = fc.tuple(fc.constantFrom('emit', 'snapshot', 'retry', 'fail', 'heal'), fc.nat());
  let checked = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30, size: 'max' }), async (steps) => {
      bench = new Bench();
      await bench.connect(ALICE, ALICE_PHONE);
      const request = await bench.running();
      const contexts = [await begin(request)];
      let isFailing = false;
      bench.beforeStore = (call) => {
        if (isFailing && call === 'put') throw new Error('throttled');
      };
      let latest: Json | undefined;
      for (const [kind, pick] of steps) {
        const context = contexts[pick % contexts.length] as HandlerContext;
        if (kind === 'emit') await context.emit('row').catch(() => undefined);
        if (kind === 'fail' || kind === 'heal') isFailing = kind === 'fail';
        if (kind === 'retry' && contexts.length < 3) {
          isFailing = false;
          bench.platform.time += 61_000;
          contexts.push(await begin(await bench.claim()));
        }
        if (kind !== 'snapshot') continue;
        const entries = await bench.entries(request);
        const isLatest = context === contexts.at(-1);
        const data = { entries: entries.length, attempt: contexts.indexOf(context) + 1 };
        const isStored = await context.snapshot(data).then(
          () => true,
          () => false,
        );
        if (isStored && isLatest) latest = data;
        if (!isStored || !isLatest) continue;
        isFailing = false;
        const { snapshot } = await attachLate();
        expect(snapshot).toMatchObject({ offset: entries.length, data: latest });
        checked += 1;
      }
      for (const reporter of reporters.splice(0)) void reporter.close();
      await bench.platform.advance(2_000);
    }),
    { numRuns: 100 },
  );
  expect(checked).toBeGreaterThan(50);
});
