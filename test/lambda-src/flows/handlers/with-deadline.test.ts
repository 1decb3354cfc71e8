import { withDeadline } from '../../../../lambda-src/flows/handlers/with-deadline';
import { FakePlatform, settle } from '../../support/fake-platform';

let platform: FakePlatform;
let stop: AbortController;
beforeEach(() => {
  platform = new FakePlatform(1_000);
  stop = new AbortController();
});
afterEach(() => expect(platform.sleeping).toBe(0));

const LATE = new Error('late');
const run = (work: () => Promise<unknown>, graceMs?: number) => {
  const outcome = withDeadline(platform, { at: 2_000, error: () => LATE, graceMs }, stop, work).catch((error) => ({
    error,
  }));
  let settledAt: number | undefined;
  void outcome.then(() => {
    settledAt = platform.now();
  });
  return { outcome, settledAt: () => settledAt };
};
const never = () => new Promise<never>(() => undefined);

test('the result of work that ends in time is returned, and its signal never fires', async () => {
  const { outcome } = run(() => platform.sleep(500).then(() => 'done'));
  await platform.advance(5_000);

  expect(await outcome).toBe('done');
  expect(stop.signal.aborted).toBe(false);
});

test('the error of work that fails in time is thrown', async () => {
  const { outcome } = run(() => Promise.reject(new Error('failed')));

  expect(await outcome).toEqual({ error: new Error('failed') });
  expect(stop.signal.aborted).toBe(false);
});

test('at the deadline the signal fires, and work without grace time is abandoned at once', async () => {
  const { outcome, settledAt } = run(never);
  await platform.advance(999);
  expect(stop.signal.aborted).toBe(false);
  await platform.advance(5_000);

  expect(await outcome).toEqual({ error: LATE });
  expect([stop.signal.reason, settledAt()]).toEqual([LATE, 2_000]);
});

test('work that ends within the grace time after its signal has its own outcome', async () => {
  const { outcome } = run(async () => {
    await platform.sleep(60_000, stop.signal);
    return 'cleaned up';
  }, 300);
  await platform.advance(5_000);

  expect(await outcome).toBe('cleaned up');
});

test('work that does not end within the grace time is abandoned at its end', async () => {
  const { outcome, settledAt } = run(never, 300);
  await platform.advance(5_000);

  expect(await outcome).toEqual({ error: LATE });
  expect(settledAt()).toBe(2_300);
});

test('a caller that fires the signal earlier decides the reason; the grace time counts from then', async () => {
  const { outcome, settledAt } = run(never, 300);
  await platform.advance(500);
  const lost = new Error('lost');
  stop.abort(lost);
  await platform.advance(5_000);

  expect(await outcome).toEqual({ error: lost });
  expect([stop.signal.reason, settledAt()]).toEqual([lost, 1_800]);
});

test('a failure of abandoned work is not an unhandled rejection', async () => {
  const unhandled = jest.fn();
  process.on('unhandledRejection', unhandled);
  const { outcome } = run(() => platform.sleep(3_000).then(() => Promise.reject(new Error('too late'))));
  await platform.advance(5_000);
  await outcome;
  await settle();
  process.off('unhandledRejection', unhandled);

  expect(unhandled).not.toHaveBeenCalled();
});
