import * as fc from 'fast-check';
import { type Coalescer, coalescer, PERSIST_INTERVAL_MS } from '../../../lambda-src/core/coalescer';
import { validateMessage } from '../../../lambda-src/protocol';

const counters = { run: 1, attempt: 1, fence: 1, seq: 1, afterOffset: 1 };
const frame = (progress: object) => ({ type: 'progress', id: 'r1', ...counters, ...progress });

/** Sends and stores as the reporter does at that time. */
function flush(pending: Coalescer, now: number, did: { sent: number[]; persisted: number[] }) {
  const { send, persist, waitMs } = pending.next(now);
  if (send) {
    pending.sent(now);
    did.sent.push(now);
  }
  if (persist) {
    pending.persisted();
    did.persisted.push(now);
  }
  return waitMs;
}

describe('when to send and store', () => {
  test('the first report is sent at once, and stored after two seconds', () => {
    const pending = coalescer(10);
    pending.report({ percentage: 1 });

    expect(pending.next(0)).toEqual({ send: true, persist: false, waitMs: PERSIST_INTERVAL_MS });
    pending.sent(0);
    expect(pending.next(PERSIST_INTERVAL_MS)).toEqual({ send: false, persist: true });
  });

  test('before the first report, the coalescer does nothing', () => {
    expect(coalescer(10).next(0)).toEqual({ send: false, persist: false });
    expect(coalescer(10)).toMatchObject({ unsent: false, unpersisted: false });
  });

  test('the next report waits: 100 ms to be sent at 10 per second, and two seconds from the first one to be stored', () => {
    const pending = coalescer(10);
    pending.report({ percentage: 1 });
    flush(pending, 0, { sent: [], persisted: [] });
    pending.report({ percentage: 2 });

    expect(pending.next(40)).toEqual({ send: false, persist: false, waitMs: 60 });
    expect(pending.next(100)).toEqual({ send: true, persist: false, waitMs: 1_900 });
    expect(pending.next(2_000)).toEqual({ send: true, persist: true });
  });

  test('a report is finished only when it is both stored and sent', () => {
    const pending = coalescer(1);
    pending.report({ percentage: 1 });
    pending.persisted();
    expect(pending).toMatchObject({ unsent: true, unpersisted: false });
    pending.sent(0);
    expect(pending).toMatchObject({ unsent: false, unpersisted: false });
    pending.report({ percentage: 2 });
    pending.sent(0);
    expect(pending).toMatchObject({ unsent: false, unpersisted: true });
  });

  test('a report that could not be stored is stored at the next due time', () => {
    const pending = coalescer(10);
    pending.report({ percentage: 1 });
    flush(pending, 0, { sent: [], persisted: [] });
    flush(pending, PERSIST_INTERVAL_MS, { sent: [], persisted: [] });
    pending.persistAgain();

    expect(pending.next(2_010)).toEqual({ send: false, persist: false, waitMs: PERSIST_INTERVAL_MS });
    expect(pending.next(4_010)).toEqual({ send: false, persist: true });
  });

  test('a report that is sent again waits like any other report', () => {
    const pending = coalescer(10);
    pending.report({ percentage: 1 });
    flush(pending, 0, { sent: [], persisted: [] });
    pending.sendAgain();

    expect(pending.next(10)).toEqual({ send: false, persist: false, waitMs: 90 });
  });
});

test('the coalescer sends at most the rate, stores at most once in two seconds, and always both sends and stores the last report', () => {
  const reports = fc.array(fc.record({ wait: fc.nat(700), percentage: fc.nat(100) }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), reports, (rate, all) => {
      const pending = coalescer(rate);
      const did = { sent: [] as number[], persisted: [] as number[] };
      let now = 0;
      let wakeAt: number | undefined;
      const runUntil = (end: number) => {
        for (; wakeAt !== undefined && wakeAt <= end; ) {
          now = wakeAt;
          const waitMs = flush(pending, now, did);
          wakeAt = waitMs === undefined ? undefined : now + waitMs;
        }
        now = end;
      };
      for (const { wait, percentage } of all) {
        runUntil(now + wait);
        pending.report({ percentage });
        const waitMs = flush(pending, now, did);
        wakeAt = waitMs === undefined ? undefined : now + waitMs;
      }
      const lastReport = now;
      runUntil(now + 10_000);

      expect(pending).toMatchObject({ unsent: false, unpersisted: false });
      expect(did.sent.at(-1)).toBeGreaterThanOrEqual(lastReport);
      expect(did.persisted.at(-1)).toBeGreaterThanOrEqual(lastReport);
      did.sent.slice(1).forEach((at, i) => {
        expect(at - did.sent[i]).toBeGreaterThanOrEqual(1_000 / rate);
      });
      did.persisted.slice(1).forEach((at, i) => {
        expect(at - did.persisted[i]).toBeGreaterThanOrEqual(PERSIST_INTERVAL_MS);
      });
    }),
    { numRuns: 500 },
  );
});

describe('a report', () => {
  test('the percentage never falls and stays between 0 and 100', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.double(), { nil: undefined })), (percentages) => {
        const pending = coalescer(10);
        let before = 0;
        for (const percentage of percentages) {
          pending.report({ percentage });
          const now = pending.latest.percentage ?? before;
          expect(now >= before && now <= 100).toBe(true);
          before = now;
        }
      }),
    );
  });

  test('a field that a report omits keeps its value', () => {
    const pending = coalescer(10);
    pending.report({ percentage: 10, message: 'reading', metadata: { rows: 1 } });
    pending.report({ message: 'writing' });

    expect(pending.latest).toEqual({ percentage: 10, message: 'writing', metadata: { rows: 1 } });
  });

  test('fields of a wrong type are ignored', () => {
    const pending = coalescer(10);
    pending.report({ percentage: 10, message: 'reading', metadata: { rows: 1 } });
    const throwing = {
      toString: () => {
        throw new Error('no text');
      },
    };
    pending.report({ percentage: '20', message: throwing, metadata: [1] } as never);
    pending.report({ percentage: Number.NaN, message: null, metadata: null } as never);

    expect(pending.latest).toEqual({ percentage: 10, message: 'reading', metadata: { rows: 1 } });
  });

  test('a message is truncated to 1,024 characters, and never inside a character', () => {
    const pending = coalescer(10);
    pending.report({ message: `${'x'.repeat(1_023)}\u{1f600}` });

    expect(pending.latest.message).toBe('x'.repeat(1_023));
  });

  test('a message that ends in half a character keeps its length, and a replacement character stands for the half', () => {
    const pending = coalescer(10);
    pending.report({ message: `${'x'.repeat(1_023)}\ud83d` });
    expect(pending.latest.message).toBe(`${'x'.repeat(1_023)}\ufffd`);
    pending.report({ message: 'a\udc00b' });
    expect(pending.latest.message).toBe('a\ufffdb');
  });

  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  test.each([
    ['is cyclic', cyclic],
    ['has a number that JSON has not', { n: 1n }],
    [
      'throws',
      {
        toJSON: () => {
          throw new Error('no');
        },
      },
    ],
    ['is nested too deep', JSON.parse(`${'{"a":'.repeat(70)}1${'}'.repeat(70)}`)],
    ['takes more than 16 KB', { text: 'x'.repeat(16_384) }],
    ['has a key that a client refuses', JSON.parse('{"__proto__":{}}')],
    ['has a lone surrogate', { text: '\ud83d' }],
    ['is no object in JSON', new Date(0)],
  ])('metadata that %s is left out, and the rest of the report remains', (_, metadata) => {
    const pending = coalescer(10);
    pending.report({ percentage: 5, metadata: metadata as never });

    expect(pending.latest).toEqual({ percentage: 5 });
  });

  test('metadata has the form that JSON serialization gives it', () => {
    const pending = coalescer(10);
    pending.report({ metadata: { at: new Date(0), none: undefined, list: [1] } as never });

    expect(pending.latest).toEqual({ metadata: { at: '1970-01-01T00:00:00.000Z', list: [1] } });
  });

  test('a client accepts the frame of any report', () => {
    fc.assert(
      fc.property(
        fc.anything(),
        fc.anything(),
        fc.anything({ withNullPrototype: true }),
        (percentage, message, metadata) => {
          const pending = coalescer(10);
          pending.report({ percentage, message, metadata } as never);
          expect(validateMessage(JSON.stringify(frame(pending.latest)), 'server')).toMatchObject({ ok: true });
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
