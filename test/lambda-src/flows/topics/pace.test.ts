import { Pace } from '../../../../lambda-src/flows/topics/pace';
import { Bench } from '../../support/bench';

const SECOND = 1_000;
let bench: Bench;
beforeEach(() => {
  bench = new Bench();
  bench.platform.time = 1_700_000_000_000;
});

const paceOf = (framesPerSecond = 2_000, processes = 10) => new Pace(bench.deps, { framesPerSecond, processes });

/** Takes pages until the deadline. @returns the times in milliseconds at which pages were granted */
async function takeAll(pace: Pace, forMs: number, page = 100): Promise<number[]> {
  const start = bench.platform.now();
  const times: number[] = [];
  while (await pace.take(page, start + forMs)) times.push(bench.platform.now() - start);
  return times;
}

test('all processes together send at most the rate on average, and a page per process more within a second', async () => {
  const processes = Array.from({ length: 10 }, () => paceOf());
  const taking = Promise.all(processes.map((pace) => takeAll(pace, 10 * SECOND)));
  await bench.platform.advance(11 * SECOND);
  const times = (await taking).flat();
  const frames = Array.from(
    { length: 10 },
    (_, second) => 100 * times.filter((at) => Math.floor(at / SECOND) === second).length,
  );

  for (const each of frames) expect(each).toBeLessThanOrEqual(1_600 + 10 * 100);
  const total = frames.reduce((sum, each) => sum + each);
  expect(total).toBeGreaterThan(10 * 1_900);
  expect(total).toBeLessThanOrEqual(10 * 2_000 + 10 * 100);
  expect(bench.platform.sleeping).toBe(0);
});

test('one process alone gets the shared part of the rate, four fifths, and its own part', async () => {
  const taking = takeAll(paceOf(), 10 * SECOND);
  await bench.platform.advance(11 * SECOND);
  const frames = 100 * (await taking).length;

  expect(frames).toBeGreaterThanOrEqual(10 * 1_600);
  expect(frames).toBeLessThanOrEqual(10 * 1_640 + 100);
});

test('a process that sends little writes nothing', async () => {
  const pace = paceOf();
  for (let second = 0; second < 60; second++) {
    for (let message = 0; message < 10; message++) expect(await pace.take(4, Number.POSITIVE_INFINITY)).toBe(true);
    await bench.platform.advance(SECOND);
  }
  expect(bench.written).toEqual([]);
});

test('the frames of a second are counted in one item that expires', async () => {
  const pace = paceOf();
  for (let page = 0; page < 4; page++) await pace.take(100, Number.POSITIVE_INFINITY);
  const [item, ...more] = bench.memory.all('events');

  expect(more).toEqual([]);
  expect(item).toEqual({ logKey: '#pace', offset: 1_700_000_000, frames: 300, expiresAt: 1_700_000_060 });
});

test('with a high rate, a process takes more frames at once, so it writes at most 50 times per second', async () => {
  const taking = takeAll(paceOf(100_000), SECOND - 1);
  await bench.platform.advance(SECOND);
  const frames = 100 * (await taking).length;

  expect(frames).toBeGreaterThanOrEqual(80_000);
  expect(bench.written.length).toBeLessThanOrEqual(50);
});

test('a page that would have to wait longer than the deadline is refused at once', async () => {
  const taking = takeAll(paceOf(200), 500);
  await bench.platform.advance(0);

  expect(await taking).toEqual([0, 0]);
  expect(bench.platform.sleeping).toBe(0);
});

test('if the table fails, a process continues at its own rate', async () => {
  bench.beforeStore = () => {
    throw new Error('throttled');
  };
  const taking = takeAll(paceOf(), 10 * SECOND);
  await bench.platform.advance(11 * SECOND);

  expect((await taking).length).toBe(4);
  expect(bench.lines.at(-1)).toMatchObject({ level: 'warn', message: 'no frames could be taken from the shared rate' });
});
