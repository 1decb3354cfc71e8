import fc from 'fast-check';
import { subscriptionKey } from '../../../../lambda-src/core/keys';
import type { PostResult } from '../../../../lambda-src/flows/ports';
import { type Outgoing, ViewerLine } from '../../../../lambda-src/flows/viewers/viewer-line';
import { ALICE, Bench } from '../../support/bench';
import { settle } from '../../support/fake-platform';

interface Step {
  readonly kind: 'entry' | 'progress' | 'time' | 'answer' | 'hurry';
  readonly ms: number;
  readonly result: PostResult;
}

type Posted = { readonly type: string; readonly n: number };

/** One line with a viewer that follows the client rule: it takes the expected entry, and reads the log after a gap. */
class World {
  public readonly bench = new Bench();
  public readonly posted: (Posted & { readonly result?: PostResult })[] = [];
  public readonly received: number[] = [];
  public lastProgress = 0;
  public seen = { catchUps: 0, busy: 0 };
  private readonly line: ViewerLine;
  private log: number[] = [];
  private reports = 0;
  private open: ((result: PostResult) => void)[] = [];

  public constructor() {
    const { bench } = this;
    bench.gateway.post = async (_, text) => {
      expect(this.open).toHaveLength(0);
      const frame = JSON.parse(text) as Posted;
      this.posted.push(frame);
      const result = await new Promise<PostResult>((resolve) => this.open.push(resolve));
      this.posted[this.posted.length - 1] = { ...frame, result };
      if (result === 'sent') this.take(frame);
      return result;
    };
    this.line = new ViewerLine({
      ...{ deps: bench.deps, viewer: ALICE, once: false, stays: false, onGone: () => undefined },
      subscription: subscriptionKey('log', ALICE.connectionId),
    });
  }

  public get stored(): readonly number[] {
    return this.log;
  }

  public get reported(): number {
    return this.reports;
  }

  public async step({ kind, ms, result }: Step): Promise<void> {
    if (kind === 'entry') this.line.send(frame('entry', this.log.push(this.log.length) - 1));
    if (kind === 'progress') this.line.send(frame('progress', ++this.reports));
    if (kind === 'time') await this.bench.platform.advance(ms);
    if (kind === 'hurry') this.line.hurry();
    if (kind === 'answer') await this.answer(result);
    await settle();
  }

  public async answer(result: PostResult): Promise<void> {
    const resolve = this.open.shift();
    if (!resolve) return;
    if (result === 'busy') this.seen.busy++;
    resolve(result);
    await settle();
  }

  /** Ends all faults, and answers each post until the line is at rest. */
  public async rest(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) {
      while (this.open.length > 0) await this.answer('sent');
      await this.bench.platform.advance(10_000);
    }
  }

  private take({ type, n }: Posted): void {
    if (type === 'progress') {
      expect(n).toBeGreaterThan(this.lastProgress);
      this.lastProgress = n;
    } else if (n > this.received.length) {
      this.seen.catchUps++;
      this.received.push(...this.log.slice(this.received.length));
    } else if (n === this.received.length) this.received.push(n);
  }
}

const frame = (kind: Outgoing['kind'], n: number): Outgoing => ({ kind, text: JSON.stringify({ type: kind, n }) });

const stepsOf = (results: readonly PostResult[]) =>
  fc.array(
    fc.record({
      kind: fc.constantFrom('entry', 'entry', 'progress', 'time', 'answer', 'answer', 'hurry' as const),
      ms: fc.integer({ min: 1, max: 12_000 }),
      result: fc.constantFrom(...results),
    }) as fc.Arbitrary<Step>,
    { minLength: 20, maxLength: 60, size: 'max' },
  );

test('frames are posted one at a time and in order, and a viewer that was busy gets the rest from the log', async () => {
  const seen = { catchUps: 0, busy: 0 };
  await fc.assert(
    fc.asyncProperty(stepsOf(['sent', 'busy', 'busy', 'refused']), async (steps) => {
      const world = new World();
      for (const step of steps) await world.step(step);
      await world.step({ kind: 'entry', ms: 0, result: 'sent' });
      await world.rest();

      for (const kind of ['entry', 'progress']) {
        const numbers = world.posted.filter(({ type }) => type === kind).map(({ n }) => n);
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      }
      const last = world.posted.filter(({ type }) => type === 'entry').at(-1);
      expect(last).toMatchObject({ n: world.stored.length - 1, result: 'sent' });
      expect(world.received).toEqual(world.stored);
      expect(world.bench.platform.sleeping).toBe(0);
      seen.catchUps += world.seen.catchUps;
      seen.busy += world.seen.busy;
    }),
    { numRuns: 500 },
  );
  expect(seen.catchUps).toBeGreaterThan(500);
  expect(seen.busy).toBeGreaterThan(500);
});

test('as long as a viewer is busy, only the latest entry and the latest progress are posted to it', async () => {
  await fc.assert(
    fc.asyncProperty(stepsOf(['busy']), async (steps) => {
      const world = new World();
      for (const step of steps) {
        const { length } = world.posted;
        const [entries, reports] = [world.stored.length, world.reported];
        await world.step(step);
        const isRepetition = world.posted.slice(0, length).some(({ result }) => result === 'busy');
        if (!isRepetition) continue;
        for (const { type, n } of world.posted.slice(length)) {
          expect(n).toBe(type === 'entry' ? entries - 1 : reports);
        }
      }
      await world.rest();
    }),
    { numRuns: 300 },
  );
});

test('after the answer that the connection is gone, nothing is posted, and only the items of that connection are removed', async () => {
  await fc.assert(
    fc.asyncProperty(stepsOf(['sent', 'busy', 'gone']), fc.boolean(), async (steps, isReconnected) => {
      const world = new World();
      const connectedAt = isReconnected ? ALICE.connectedAt + 1 : ALICE.connectedAt;
      await world.bench.connect({ ...ALICE, connectedAt });
      const key = subscriptionKey('log', ALICE.connectionId);
      await world.bench.memory.write({ kind: 'put', table: 'subscriptions', key, attributes: { connectedAt } });
      for (const step of steps) await world.step(step);
      await world.step({ kind: 'entry', ms: 0, result: 'sent' });
      await world.rest();

      const gone = world.posted.findIndex(({ result }) => result === 'gone');
      expect(gone < 0 || gone === world.posted.length - 1).toBe(true);
      const isRemoved = gone >= 0 && !isReconnected;
      const left = [world.bench.memory.all('connections'), world.bench.memory.all('subscriptions')];
      expect(left.map(({ length }) => length)).toEqual(isRemoved ? [0, 0] : [1, 1]);
    }),
    { numRuns: 200 },
  );
});
