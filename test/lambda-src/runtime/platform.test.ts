import { platform } from '../../../lambda-src/runtime/platform';

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const isOver = async (promise: Promise<void>) => {
  let over = false;
  void promise.then(() => {
    over = true;
  });
  await Promise.resolve();
  await Promise.resolve();
  return over;
};

test('a sleep ends after its time', async () => {
  const sleep = platform.sleep(1_000);
  jest.advanceTimersByTime(999);
  expect(await isOver(sleep)).toBe(false);
  jest.advanceTimersByTime(1);

  expect(await isOver(sleep)).toBe(true);
});

test('a sleep ends when its signal fires, and leaves no timer', async () => {
  const stop = new AbortController();
  const sleep = platform.sleep(1_000, stop.signal);
  stop.abort();

  expect(await isOver(sleep)).toBe(true);
});

test('a sleep returns at once if its signal has already fired', async () => {
  expect(await isOver(platform.sleep(1_000, AbortSignal.abort()))).toBe(true);
});

test('a sleep of a year does not end at once, as a timer of that length would', async () => {
  const sleep = platform.sleep(365 * 86_400_000);
  jest.advanceTimersByTime(86_400_000);
  expect(await isOver(sleep)).toBe(false);
  jest.runAllTimers();
});

test('ids fit the protocol and do not repeat', () => {
  const ids = Array.from({ length: 1_000 }, () => platform.newId());

  expect(new Set(ids).size).toBe(1_000);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/);
});

test('the time is that of the clock, and random numbers are in [0, 1)', () => {
  expect(platform.now()).toBe(Date.now());
  expect(platform.random()).toBeLessThan(1);
});
