import { errorOutcome, type RequestItem } from '../../../../lambda-src/core/request';
import { openLog } from '../../../../lambda-src/flows/attempt/reporter';
import { tailOf } from '../../../../lambda-src/flows/log/read-log';
import { appendTerminal, ensureTerminal } from '../../../../lambda-src/flows/log/terminal';
import { ALICE, Bench } from '../../support/bench';

let bench: Bench;
let ended: RequestItem;
beforeEach(async () => {
  bench = new Bench();
  await bench.connect(ALICE);
  ended = { ...(await bench.running()), status: 'COMPLETED', outcome: { kind: 'result', body: '1' } };
});

test('the terminal entry is appended once, whichever function appends it', async () => {
  const appended = await Promise.all(Array.from({ length: 5 }, () => ensureTerminal(bench.deps, ended, 'dispatcher')));

  expect(appended.filter(Boolean)).toHaveLength(1);
  expect(await bench.entries(ended)).toMatchObject([{ offset: 0, kind: 'end', run: 1 }]);
  const frame = { type: 'result', id: 'r1', offset: 0, run: 1, attempt: 1, result: 1 };
  expect(new Set(bench.to(ALICE).map((each) => JSON.stringify(each)))).toEqual(new Set([JSON.stringify(frame)]));
});

test('the terminal entry of a run without an attempt names no attempt', async () => {
  const error = { code: 'UNKNOWN_ACTION', message: 'gone', retryable: false };
  await ensureTerminal(
    bench.deps,
    { ...ended, attempt: 0, fence: 0, status: 'FAILED', outcome: errorOutcome(error) },
    'dispatcher',
  );

  expect(bench.to(ALICE)).toEqual([{ type: 'error', id: 'r1', offset: 0, run: 1, error }]);
});

test('a terminal entry that another function sends follows the last progress of the attempt', async () => {
  const running = await bench.running('r2');
  const reporter = await openLog(bench.deps, running, { ratePerSecond: 10, onStale: jest.fn() });
  reporter.progress({ percentage: 99 });
  bench.answers.set(ALICE.connectionId, () => 'busy');
  const closing = reporter.close();
  await bench.platform.advance(2_000);
  await closing;
  bench.answers.clear();
  bench.posts.length = 0;
  const completed = { ...running, status: 'COMPLETED', outcome: { kind: 'result', body: '1' } } as const;
  await ensureTerminal(bench.deps, completed, 'dispatcher');

  expect(bench.to(ALICE)).toMatchObject([
    { type: 'progress', attempt: 1, percentage: 99 },
    { type: 'result', attempt: 1 },
  ]);
});

test('the end of a run without an attempt does not repeat the progress of an earlier run', async () => {
  const running = await bench.running('r2');
  const reporter = await openLog(bench.deps, running, { ratePerSecond: 10, onStale: jest.fn() });
  reporter.progress({ percentage: 99 });
  const closing = reporter.close();
  await bench.platform.advance(2_000);
  await closing;
  bench.posts.length = 0;
  const outcome = errorOutcome({ code: 'NOT_STARTED', message: 'none', retryable: false });
  await ensureTerminal(bench.deps, { ...running, run: 2, attempt: 0, status: 'FAILED', outcome }, 'dispatcher');

  expect(bench.to(ALICE)).toMatchObject([{ type: 'error', run: 2, error: { code: 'NOT_STARTED' } }]);
});

test('a later run has a separate terminal entry', async () => {
  await ensureTerminal(bench.deps, ended, 'dispatcher');
  await ensureTerminal(bench.deps, { ...ended, run: 2, fence: 2 }, 'dispatcher');

  expect((await bench.entries(ended)).map(({ offset, run }) => [offset, run])).toEqual([
    [0, 1],
    [1, 2],
  ]);
});

test('an earlier run is not ended again after a later one', async () => {
  await ensureTerminal(bench.deps, ended, 'dispatcher');
  await ensureTerminal(bench.deps, { ...ended, run: 2, fence: 2 }, 'dispatcher');

  expect(await ensureTerminal(bench.deps, ended, 'dispatcher')).toBe(false);
  expect(await bench.entries(ended)).toHaveLength(2);
});

describe('an end that somebody else has appended', () => {
  const result = { type: 'result', id: 'r1', offset: 0, run: 1, attempt: 1, result: 1 };

  test('an end that was appended without being sent is sent by the dispatcher, which learns of each end', async () => {
    await appendTerminal(bench.deps, ended);
    expect(bench.posts).toEqual([]);
    await ensureTerminal(bench.deps, ended, 'dispatcher');

    expect(bench.to(ALICE)).toEqual([result]);
  });

  test('a terminal entry is sent by the dispatcher again if the dispatcher died while it was sending', async () => {
    const dies = { ...bench.deps, gateway: { post: () => Promise.reject(new Error('killed')) } };
    await ensureTerminal(dies, ended, 'dispatcher');
    await ensureTerminal(bench.deps, ended, 'dispatcher');

    expect(bench.to(ALICE)).toEqual([result]);
  });

  test('the dispatcher leaves a terminal entry to the processor that appended it', async () => {
    await ensureTerminal(bench.deps, ended, 'processor');
    expect(bench.posts).toHaveLength(1);
    await ensureTerminal(bench.deps, ended, 'dispatcher');
    await appendTerminal(bench.deps, ended);

    expect(bench.posts).toHaveLength(1);
  });

  test('if a processor died before sending the end, the processor that receives its message sends it', async () => {
    await appendTerminal(bench.deps, ended);
    await ensureTerminal(bench.deps, ended, 'processor');

    expect(bench.to(ALICE)).toEqual([result]);
  });
});

test('a request that has not ended has no terminal entry', async () => {
  await expect(ensureTerminal(bench.deps, { ...ended, status: 'RUNNING' }, 'dispatcher')).rejects.toThrow(RangeError);
  expect(await tailOf(bench.deps, `${ended.requestKey}#${ended.epoch}`)).toBeUndefined();
});
