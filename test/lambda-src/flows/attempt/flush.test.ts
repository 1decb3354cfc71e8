import fc from 'fast-check';
import { StaleAttempt } from '../../../../lambda-src/flows/attempt/log';
import { openLog, type Reporter } from '../../../../lambda-src/flows/attempt/reporter';
import { contextOf } from '../../../../lambda-src/flows/handlers/context';
import type { HandlerContext } from '../../../../lambda-src/handler';
import { StreamerError } from '../../../../lambda-src/protocol';
import { ALICE, Bench } from '../../support/bench';
import { settle } from '../../support/fake-platform';

/** The context of a running attempt, whose tables and viewers are those of a bench. */
class Attempt {
  public readonly bench = new Bench();
  public context!: HandlerContext;
  public stop = new AbortController();
  private reporter!: Reporter;

  public async open(): Promise<this> {
    await this.bench.connect(ALICE);
    const request = await this.bench.running();
    const { deps } = this.bench;
    this.reporter = await openLog(deps, request, { ratePerSecond: 10, onStale: () => undefined });
    this.context = contextOf({
      ...{ request, input: null, reporter: this.reporter, signal: this.stop.signal, deadline: 0, log: deps.log },
      continue: () => ({}) as never,
      messages: () => ({}) as never,
      stream: () => ({}) as never,
    });
    return this;
  }

  /** The names of the stored events, and the stored percentage. */
  public async stored(): Promise<{ events: unknown[]; percentage: unknown }> {
    const request = await this.bench.stored();
    const entries = await this.bench.entries(request);
    const head = await this.bench.head(request);
    return { events: entries.slice(1).map(({ name }) => name), percentage: head?.percentage };
  }

  public async close(): Promise<void> {
    this.bench.beforeStore = () => undefined;
    const closing = this.reporter.close();
    await this.bench.platform.advance(1_000);
    await closing;
  }
}

let attempt: Attempt;
beforeEach(async () => {
  attempt = await new Attempt().open();
});
afterEach(() => attempt.close());

test('flush stores the events and the latest progress of calls that were not awaited, without the delay of a second', async () => {
  const { context, bench } = attempt;
  const start = bench.platform.now();
  context.progress(10);
  await context.flush();
  context.progress(20);
  void context.emit('a');
  void context.emit('b');
  context.progress(30);
  await context.flush();

  expect(await attempt.stored()).toEqual({ events: ['a', 'b'], percentage: 30 });
  expect(bench.platform.now()).toBe(start);
});

test('flush writes nothing if everything is stored', async () => {
  attempt.context.progress(10);
  await attempt.context.flush();
  const { length } = attempt.bench.written;
  await attempt.context.flush();

  expect(attempt.bench.written).toHaveLength(length);
});

test('flush does not wait for a viewer that never answers', async () => {
  const { context, bench } = attempt;
  bench.gateway.post = () => new Promise(() => undefined);
  context.progress(10);
  await context.emit('a');
  await context.flush();

  expect(await attempt.stored()).toEqual({ events: ['a'], percentage: 10 });
});

test('flush rejects once if an event was not stored, even if the handler did not wait for it', async () => {
  const { context, bench } = attempt;
  bench.beforeStore = (call) => {
    if (call === 'put') throw new Error('throttled');
  };
  void context.emit('a');
  await settle();
  bench.beforeStore = () => undefined;
  void context.emit('b');

  await expect(context.flush()).rejects.toThrow('throttled');
  await context.flush();
  expect((await attempt.stored()).events).toEqual(['b']);
});

test('flush rejects if the handler has emitted an event that no client would accept', async () => {
  void attempt.context.emit('a', 1n);

  await expect(attempt.context.flush()).rejects.toMatchObject({ code: 'INVALID_EVENT' });
});

test('flush rejects if the progress could not be stored, and a later flush stores it', async () => {
  const { context, bench } = attempt;
  await settle();
  bench.beforeStore = (call) => {
    if (call === 'update') throw new Error('throttled');
  };
  context.progress(40);
  const flushed = context.flush();
  await expect(flushed).rejects.toThrow('throttled');
  expect(bench.lines.some(({ message }) => message === 'the reports were not stored')).toBe(true);
  bench.beforeStore = () => undefined;
  await context.flush();

  expect((await attempt.stored()).percentage).toBe(40);
});

test('flush rejects if another attempt has taken the log', async () => {
  const { context, bench } = attempt;
  bench.platform.time += 61_000;
  const reporter = await openLog(bench.deps, await bench.claim(), { ratePerSecond: 10, onStale: () => undefined });
  context.progress(10);

  await expect(context.flush()).rejects.toBeInstanceOf(StaleAttempt);
  await reporter.close();
});

test('flush works after the signal has fired, while the handler still has time to return', async () => {
  attempt.context.progress(70);
  attempt.stop.abort(new StreamerError('CANCELLED', 'Cancelled.'));
  await attempt.context.flush();

  expect((await attempt.stored()).percentage).toBe(70);
});

test('after flush resolves, everything reported before is stored, whatever calls to the tables fail', async () => {
  const step = fc.oneof(
    fc.constant({ kind: 'emit' as const }),
    fc.integer({ min: 1, max: 100 }).map((percentage) => ({ kind: 'progress' as const, percentage })),
    fc.constant({ kind: 'flush' as const }),
    fc.integer({ min: 1, max: 1_500 }).map((ms) => ({ kind: 'time' as const, ms })),
  );
  const run = async (
    steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
    failures: boolean[],
  ) => {
    const one = await new Attempt().open();
    const { context, bench } = one;
    let calls = 0;
    bench.beforeStore = (call) => {
      if (['put', 'update'].includes(call) && failures[calls++ % failures.length]) throw new Error('throttled');
    };
    const [emitted, refused]: [string[], Set<string>] = [[], new Set()];
    let [highest, flushed] = [0, 0];
    for (const each of steps) {
      if (each.kind === 'emit') {
        const name = `e${emitted.push('')}`;
        emitted[emitted.length - 1] = name;
        context.emit(name).catch(() => refused.add(name));
      } else if (each.kind === 'progress') {
        highest = Math.max(highest, each.percentage);
        context.progress(each.percentage);
      } else if (each.kind === 'time') await bench.platform.advance(each.ms);
      else {
        const resolved = await context.flush().then(
          () => true,
          () => false,
        );
        if (!resolved) continue;
        flushed += 1;
        const stored = await one.stored();
        expect(stored.events).toEqual(emitted.filter((name) => !refused.has(name)));
        expect(stored.percentage ?? 0).toBe(highest);
      }
    }
    await one.close();
    return flushed;
  };
  let flushed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 20 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
      async (steps, failures) => {
        flushed += await run([...steps, { kind: 'flush' }], failures);
      },
    ),
    { numRuns: 200 },
  );
  expect(flushed).toBeGreaterThan(100);
});
