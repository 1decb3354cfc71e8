import { randomUUID } from 'node:crypto';
import { AsyncInvocations } from '../../../../local/emulator/lambda/async-invocations';
import { type FunctionError, type InvokeResult, ThrottledError } from '../../../../local/emulator/types';
import { FakeClock } from '../../../fakes/fake-clock';
import { LambdaBench } from './support';

const FAILED: InvokeResult = {
  ok: false,
  kind: 'Handled',
  error: { errorType: 'Error', errorMessage: 'no' },
  durationMs: 1,
};
const OK: InvokeResult = { ok: true, payload: null, durationMs: 1 };

/** Sets up asynchronous invocations of a function with predefined answers, with a virtual clock. */
function setUp(answer: (attempt: number) => InvokeResult | Error) {
  const clock = new FakeClock(0);
  const attempts: number[] = [];
  const failures: { event: unknown; error: FunctionError; at: number }[] = [];
  const invocations = new AsyncInvocations({
    clock,
    log: () => undefined,
    newId: randomUUID,
    invoke: async () => {
      attempts.push(clock.now());
      const given = answer(attempts.length);
      if (given instanceof Error) throw given;
      return given;
    },
    onFailure: (_name, event, error) => failures.push({ event, error, at: clock.now() }),
  });
  /** Advances the clock timer by timer, so that each attempt ends before the next begins. */
  const advance = async (ms: number, step = 1000) => {
    for (let moved = 0; moved < ms; moved += step) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(step);
    }
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, attempts, failures, invocations, advance };
}

test('LAMBDA-60 an asynchronous event is retried after 1 and 2 minutes, then sent once to the on-failure destination', async () => {
  const { attempts, failures, invocations, advance } = setUp(() => FAILED);
  invocations.submit('worker', { n: 1 });
  await advance(400_000);
  expect(attempts).toEqual([0, 60_000, 180_000]);
  expect(failures).toEqual([{ event: { n: 1 }, error: { errorType: 'Error', errorMessage: 'no' }, at: 180_000 }]);
});

test('LAMBDA-61 a retry that succeeds ends the retries', async () => {
  const { attempts, failures, invocations, advance, clock } = setUp((n) => (n < 2 ? FAILED : OK));
  invocations.submit('worker', {});
  await advance(400_000);
  expect(attempts).toEqual([0, 60_000]);
  expect(failures).toEqual([]);
  expect(clock.pending).toBe(0);
});

test.each([
  ['a result', OK, OK],
  ['a failure', FAILED, FAILED],
  ['a throttle', new ThrottledError('busy'), { ok: false, error: { errorType: 'TooManyRequestsException' } }],
])('the caller of an asynchronous invocation learns %s of the first attempt only', async (_what, answer, expected) => {
  const { invocations, advance } = setUp((n) => (n === 1 ? answer : OK));
  const results: InvokeResult[] = [];
  invocations.submit('worker', {}, {}, (result) => results.push(result));
  await advance(400_000);
  expect(results).toMatchObject([expected]);
});

test('LAMBDA-62 a throttled event is attempted again with increasing delays, which do not count as retries', async () => {
  const { attempts, failures, invocations, advance } = setUp((n) => (n < 12 ? new ThrottledError('busy') : FAILED));
  invocations.submit('worker', {});
  await advance(1_600_000);
  const waits = attempts.slice(1).map((at, i) => at - (attempts[i] as number));
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 60, 120].map((seconds) => seconds * 1000));
  expect(failures).toHaveLength(1);
});

test('LAMBDA-63 a throttled event is discarded after six hours', async () => {
  const { failures, invocations, advance } = setUp(() => new ThrottledError('busy'));
  invocations.submit('worker', {});
  await advance(6 * 3_600_000 + 1000);
  expect(failures).toMatchObject([{ error: { errorType: 'TooManyRequestsException' } }]);
  expect(failures[0]?.at).toBeGreaterThan(5.9 * 3_600_000);
});

test('close discards waiting events', async () => {
  const { attempts, invocations, advance, clock } = setUp(() => FAILED);
  invocations.submit('worker', {});
  await advance(1000);
  invocations.close();
  expect(clock.pending).toBe(0);
  await advance(100_000);
  expect(attempts).toEqual([0]);
});

test('a real function that fails asynchronously reaches its on-failure destination', async () => {
  const bench = new LambdaBench();
  const clock = new FakeClock();
  const host = bench.host({ clock });
  try {
    const failed = new Promise<unknown[]>((resolve) => {
      const source = 'exports.handler = async (event) => { throw new Error("no " + event.id); };';
      host.register(bench.spec(source, { onFailure: (...what) => resolve(what) }));
    });
    host.invokeAsync('worker', { id: 7 });
    for (const [n, wait] of [60_000, 120_000].entries()) {
      await bench.until(() => bench.logs.filter(({ message }) => message.includes('is retried')).length === n + 1);
      clock.advance(wait);
    }
    expect(await failed).toEqual([{ id: 7 }, expect.objectContaining({ errorMessage: 'no 7' })]);
  } finally {
    await bench.clear();
    bench.remove();
  }
});

test('LAMBDA-64 each attempt of one event has the same request id', async () => {
  const clock = new FakeClock(0);
  const ids: unknown[] = [];
  const invocations = new AsyncInvocations({
    clock,
    log: () => undefined,
    newId: randomUUID,
    invoke: async (_name, _event, { requestId }) => {
      ids.push(requestId);
      return FAILED;
    },
    onFailure: () => undefined,
  });
  invocations.submit('worker', {}, { requestId: 'r1' });
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(60_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(ids).toEqual(['r1', 'r1']);
});
