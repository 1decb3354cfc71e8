import type { Owner } from '../../../../lambda-src/core/keys';
import type { RequestItem } from '../../../../lambda-src/core/request';
import * as transitions from '../../../../lambda-src/core/transitions';
import { dispatch } from '../../../../lambda-src/flows/dispatch/dispatch';
import { attach } from '../../../../lambda-src/flows/requests/attach';
import { answerCancel } from '../../../../lambda-src/flows/requests/cancel';
import { ALICE, ALICE_PHONE, Bench, MALLORY } from '../../support/bench';

let bench: Bench;
beforeEach(async () => {
  bench = new Bench();
  await bench.connect(ALICE, ALICE_PHONE);
});

const cancel = (reason?: string, owner: Owner = ALICE_PHONE) =>
  answerCancel(bench.deps, owner, { type: 'cancel', id: 'r1', ...(reason !== undefined && { reason }) });
const writeTime = () => ({ now: bench.platform.now(), retentionSeconds: 86_400 });
const errorOf = ({ outcome }: RequestItem) => outcome?.kind === 'error' && JSON.parse(outcome.error);
const setTo = (set: object) =>
  bench.memory.write({ kind: 'update', table: 'requests', key: { requestKey: 'acme#alice#r1' }, set: { ...set } });

test.each([
  'PENDING',
  'WAITING',
])('a request that is %s ends with one write, and its viewers receive the end', async (status) => {
  await bench.request();
  await setTo({ status });
  bench.written.length = 0;

  expect(await cancel('wrong month')).toEqual({ type: 'ack', for: 'cancel', id: 'r1', status: 'CANCELLED', run: 1 });
  expect(bench.written).toHaveLength(1);
  const request = await bench.stored();
  expect(request).toMatchObject({ status: 'CANCELLED', fence: 0 });
  expect(request).not.toHaveProperty('dueBucket');
  const queues = { serves: () => true, send: async () => [], deadLetter: jest.fn() };
  await dispatch({ ...bench.deps, queues }, [{ sequenceNumber: '1', request }]);
  expect(queues.deadLetter).not.toHaveBeenCalled();
  expect(bench.to(ALICE).at(-1)).toEqual({
    type: 'error',
    id: 'r1',
    offset: 0,
    run: 1,
    error: {
      code: 'CANCELLED',
      message: 'The request was cancelled.',
      retryable: false,
      details: { reason: 'wrong month' },
    },
  });
});

test('a running request is marked, and the head of its log notifies the attempt', async () => {
  const request = await bench.running();

  expect(await cancel('enough')).toEqual({ type: 'ack', for: 'cancel', id: 'r1', status: 'RUNNING', run: 1 });
  expect(await bench.stored()).toMatchObject({ status: 'RUNNING', cancelRequested: true, cancelReason: 'enough' });
  expect(await bench.head(request)).toMatchObject({ cancelledRun: 1, cancelReason: 'enough' });
});

test('an attempt that lost its lease is notified, too, because its handler may still run', async () => {
  const request = await bench.running();
  // the sweeper has returned the request to the queue
  await setTo({ status: 'PENDING' });

  expect(await cancel('enough')).toMatchObject({ status: 'CANCELLED' });
  expect(await bench.head(request)).toMatchObject({ cancelledRun: 1 });
});

test('if an attempt lost its lease and its run has failed, a cancellation notifies the attempt, and the request stays FAILED', async () => {
  const request = await bench.running();
  await setTo({ status: 'FAILED' });

  expect(await cancel('enough')).toMatchObject({ status: 'FAILED' });
  expect(await bench.head(request)).toMatchObject({ cancelledRun: 1 });
});

test('no claim and no retry accepts a request whose cancellation was requested', async () => {
  const request = await bench.running();
  await cancel();
  bench.platform.time += 61_000;

  await expect(bench.claim()).rejects.toThrow('could not be claimed');
  expect((await bench.memory.write(transitions.retry(request, bench.platform.now(), writeTime()))).applied).toBe(false);
});

test('cancelling again keeps the first reason, and repeats the notification', async () => {
  const request = await bench.running();
  await cancel('first');
  await bench.memory.write({
    kind: 'delete',
    table: 'events',
    key: { logKey: `${request.requestKey}#${request.epoch}`, offset: -1 },
  });

  expect(await cancel('second')).toMatchObject({ status: 'RUNNING' });
  expect(await bench.stored()).toMatchObject({ cancelReason: 'first' });
  expect(await bench.head(request)).toMatchObject({ cancelledRun: 1, cancelReason: 'first' });
});

test('a running request whose function died ends at once', async () => {
  await bench.running();
  bench.platform.time += 61_000;

  expect(await cancel('enough')).toMatchObject({ status: 'CANCELLED' });
  expect(errorOf(await bench.stored())).toMatchObject({ code: 'CANCELLED', details: { reason: 'enough' } });
});

test('a result that was stored before the cancellation stays the result', async () => {
  const request = await bench.running();
  await bench.memory.write(transitions.finish(request, { kind: 'result', body: '1' }, writeTime()));

  expect(await cancel()).toMatchObject({ status: 'COMPLETED' });
  expect(await bench.stored()).toMatchObject({ status: 'COMPLETED', outcome: { kind: 'result', body: '1' } });
  expect(await bench.stored()).not.toHaveProperty('cancelRequested');
});

test('a claim between the read and the write of a cancellation only makes it a notification', async () => {
  await bench.request();
  let isFirst = true;
  bench.beforeStore = async (call, table) => {
    if (call !== 'update' || table !== 'requests' || !isFirst) return;
    isFirst = false;
    await bench.claim();
  };

  expect(await cancel()).toMatchObject({ status: 'RUNNING' });
  expect(await bench.stored()).toMatchObject({ status: 'RUNNING', cancelRequested: true });
});

test('a retry between the read and the write of a cancellation makes it an end', async () => {
  const request = await bench.running();
  let isFirst = true;
  bench.beforeStore = async (call, table) => {
    if (call !== 'update' || table !== 'requests' || !isFirst) return;
    isFirst = false;
    await bench.memory.write(transitions.retry(request, bench.platform.now() + 5_000, writeTime()));
  };

  expect(await cancel()).toMatchObject({ status: 'CANCELLED' });
});

test('a notification of an earlier run does not replace that of a later one', async () => {
  const request = await bench.running();
  const key = { logKey: `${request.requestKey}#${request.epoch}`, offset: -1 };
  await bench.memory.write({ kind: 'update', table: 'events', key, set: { cancelledRun: 2 } });
  await cancel('late');

  expect(await bench.head(request)).toMatchObject({ cancelledRun: 2 });
  expect(await bench.head(request)).not.toHaveProperty('cancelReason');
});

test.each([
  ['another tenant', MALLORY],
  ['another user', { ...ALICE, user: 'bob' }],
])('a request of %s is not found, as if there were none', async (_whose, owner) => {
  await bench.running();
  const nobody = await answerCancel(bench.deps, owner, { type: 'cancel', id: 'r1' }).catch((error) => error);

  expect(nobody).toMatchObject({ code: 'NOT_FOUND', message: 'There is no request r1 of this user.' });
  expect(await bench.stored()).not.toHaveProperty('cancelRequested');
});

test('a request past its retention is not found', async () => {
  await bench.request();
  bench.platform.time += 86_401_000;

  await expect(cancel()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a viewer that attaches after the cancellation of a waiting request reads its end', async () => {
  await bench.request();
  await cancel();

  expect(await attach(bench.deps, ALICE_PHONE, { type: 'attach', id: 'r1', offset: 0 })).toMatchObject({
    status: 'CANCELLED',
    entries: [{ type: 'error', offset: 0, error: { code: 'CANCELLED' } }],
  });
});
