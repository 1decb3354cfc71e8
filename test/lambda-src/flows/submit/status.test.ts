import { bodyKey, storeBody, takeHead, writeHead } from '../../../../lambda-src/core/log';
import { errorOutcome, type Outcome } from '../../../../lambda-src/core/request';
import * as transitions from '../../../../lambda-src/core/transitions';
import { statusOf } from '../../../../lambda-src/flows/submit/status';
import { answerSubmission } from '../../../../lambda-src/flows/submit/submit';
import { ALICE, Bench } from '../../support/bench';

let bench: Bench;
beforeEach(async () => {
  bench = new Bench();
  await bench.connect(ALICE);
});

const alice = { tenant: 'acme', user: 'alice' };
const status = (id = 'r1', owner = alice) => statusOf(bench.deps, owner, id);
const at = () => ({ now: bench.platform.now(), retentionSeconds: 86_400 });
const logOf = async () => {
  const { requestKey, epoch } = await bench.stored();
  return `${requestKey}#${epoch}`;
};
const finish = async (outcome: Outcome) => {
  const { requestKey, fence } = await bench.stored();
  await bench.memory.write(transitions.finish({ requestKey, fence }, outcome, at()));
};

test('a request that waits has a status', async () => {
  await bench.request();

  expect(await status()).toEqual({
    id: 'r1',
    action: 'report',
    status: 'PENDING',
    createdAt: bench.platform.now(),
    ref: 'id-1',
    epoch: 'id-2',
    run: 1,
    attempt: 0,
  });
});

test('the status of a request that runs has the last report of this attempt', async () => {
  const request = await bench.running();
  const log = await logOf();
  await bench.memory.write(takeHead(log, request, 9e9));
  expect(await status()).toMatchObject({ status: 'RUNNING', attempt: 1 });
  expect(await status()).not.toHaveProperty('progress');
  const progress = { seq: 3, afterOffset: 0, percentage: 40, message: 'pages', metadata: { page: 4 } };
  await bench.memory.write(writeHead(log, request, progress, 9e9));

  expect((await status()).progress).toEqual({ percentage: 40, message: 'pages', metadata: { page: 4 } });
});

test('if the current attempt has not reported yet, the status has no report of the previous attempt', async () => {
  const request = await bench.running();
  const { fence } = request;
  const log = await logOf();
  await bench.memory.write(takeHead(log, request, 9e9));
  await bench.memory.write(writeHead(log, request, { seq: 1, afterOffset: 0, percentage: 90 }, 9e9));
  const { requestKey } = await bench.stored();
  await bench.memory.write(transitions.retry({ requestKey, fence }, bench.platform.now(), at()));
  await bench.claim();

  expect(await status()).toMatchObject({ status: 'RUNNING', attempt: 2 });
  expect(await status()).not.toHaveProperty('progress');
});

test('the status of a completed request has its result', async () => {
  await bench.running();
  await finish({ kind: 'result', body: '{"url":"x"}' });

  expect(await status()).toMatchObject({ status: 'COMPLETED', result: { url: 'x' } });
});

test('the status contains a long result, which is a separate item', async () => {
  const { fence } = await bench.running();
  const put = storeBody(await logOf(), fence, JSON.stringify('x'.repeat(50_000)), 9e9);
  await bench.memory.write(put);
  await finish({ kind: 'result', bodyAt: Number(put.key.offset) });
  expect(await status()).toMatchObject({ status: 'COMPLETED', result: 'x'.repeat(50_000) });

  await bench.memory.write({ kind: 'delete', table: 'events', key: bodyKey(await logOf(), Number(put.key.offset)) });
  await expect(status()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('the status of a request that completed without a value has none', async () => {
  await bench.running();
  await finish({ kind: 'result', body: 'null' });

  expect(await status()).toHaveProperty('result', null);
});

test('the status of a request that failed has its error', async () => {
  await bench.running();
  await finish(errorOutcome({ code: 'NO_DATA', message: 'None.', retryable: false, details: { month: 2 } }));

  expect(await status()).toMatchObject({
    status: 'FAILED',
    error: { code: 'NO_DATA', message: 'None.', retryable: false, details: { month: 2 } },
  });
  expect(await status()).not.toHaveProperty('result');
});

test.each([
  ['another id', 'r2', alice],
  ['another user', 'r1', { tenant: 'acme', user: 'bob' }],
  ['another tenant', 'r1', { tenant: 'evil', user: 'alice' }],
  ['names that are cut elsewhere', 'r1', { tenant: 'acme#alice', user: '' }],
])('there is no status of %s', async (_, id, owner) => {
  await bench.request();

  await expect(status(id, owner)).rejects.toMatchObject({ code: 'NOT_FOUND', retryable: false });
});

test('there is no status of an expired request, even if its item still exists', async () => {
  await bench.request();
  bench.platform.time += 86_402_000;

  await expect(status()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('an unknown request is answered without a log line, because polling would write many', async () => {
  const event = { type: 'status', id: 'r9', ...alice };

  expect(await answerSubmission({ ...bench.deps, actions: new Map() }, event, 'i-1')).toMatchObject({
    ok: false,
    error: { code: 'NOT_FOUND' },
  });
  expect(bench.lines).toEqual([]);
});
