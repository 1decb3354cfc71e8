import { deadOutcome, type RequestItem } from '../../../../lambda-src/core/request';
import { finish } from '../../../../lambda-src/core/transitions';
import { type ProcessDeps, processMessage } from '../../../../lambda-src/flows/attempt/process';
import type { Connection } from '../../../../lambda-src/flows/connect/connection';
import { ensureTerminal } from '../../../../lambda-src/flows/log/terminal';
import { createOperations } from '../../../../lambda-src/flows/operations';
import { attach } from '../../../../lambda-src/flows/requests/attach';
import type { LogFrame } from '../../../../lambda-src/protocol';
import { MemoryReader } from '../../../fakes/memory-reader';
import { ALICE, ALICE_PHONE, Bench } from '../../support/bench';
import { SimulatedViewer } from '../simulation/simulated-viewer';

let bench: Bench;
beforeEach(async () => {
  bench = new Bench();
  await bench.connect(ALICE, ALICE_PHONE);
});
const operationsOf = () => createOperations({ ...bench.deps, reader: new MemoryReader(bench.memory) });

const heartbeat = {
  start: async () => undefined,
  handlerEnded: () => undefined,
  sawHead: () => undefined,
  stop: () => undefined,
};
const process = (requestKey: string, run: ProcessDeps['run']) =>
  processMessage(
    {
      ...bench.deps,
      ...{ heartbeat, run, noteStart: async () => undefined, parseInput: async (input) => input },
      ...{ progressRate: 10, retryBackoff: { baseMs: 1, maxMs: 1 } },
    },
    { messageId: 'm', body: { requestKey }, functionEndsAt: bench.platform.now() + 300_000 },
  );
const fails: ProcessDeps['run'] = () => Promise.reject(new Error('broken'));

/** The log frames that a connection received of one request. */
const framesOf = (connection: Connection, id: string) =>
  bench.to(connection).filter((frame) => frame.id === id && frame.offset !== undefined) as unknown as LogFrame[];

test('a viewer that watched the failure sees the next run live, in one log', async () => {
  await bench.request('r1', 1, ALICE, 1);
  await process('acme#alice#r1', fails);
  await operationsOf().redrive('acme#alice#r1');
  await process('acme#alice#r1', () => 'better');

  expect(framesOf(ALICE, 'r1')).toMatchObject([
    { type: 'event', offset: 0, run: 1 },
    { type: 'error', offset: 1, run: 1, error: { code: 'HANDLER_ERROR' } },
    { type: 'event', offset: 2, run: 2, attempt: 1, fence: 2 },
    { type: 'result', offset: 3, run: 2, result: 'better' },
  ]);
});

test('a viewer that attached after the failure sees the next run live', async () => {
  await bench.request('r1', 1, ALICE, 1);
  await process('acme#alice#r1', fails);
  const ack = await attach(bench.deps, ALICE_PHONE, { type: 'attach', id: 'r1', offset: 0 });
  await operationsOf().redrive('acme#alice#r1');
  await process('acme#alice#r1', () => 'better');

  expect(ack).toMatchObject({ status: 'FAILED', run: 1, offset: 2 });
  expect(framesOf(ALICE_PHONE, 'r1')).toMatchObject([
    { offset: 2, run: 2 },
    { offset: 3, type: 'result' },
  ]);
});

test('a viewer that attaches after the redrive reads both runs, and the current run from the answer', async () => {
  await bench.request('r1', 1, ALICE, 1);
  await process('acme#alice#r1', fails);
  await operationsOf().redrive('acme#alice#r1');
  const ack = await attach(bench.deps, ALICE_PHONE, { type: 'attach', id: 'r1', offset: 1 });

  expect(ack).toMatchObject({ status: 'PENDING', run: 2, offset: 2, entries: [{ type: 'error', run: 1, offset: 1 }] });
});

test('a viewer that attached to a result that stays is not stored', async () => {
  const claimed = await bench.running();
  const at = { now: bench.platform.now(), retentionSeconds: 60 };
  await bench.memory.write(finish(claimed, { kind: 'result', body: '1' }, at));
  await ensureTerminal(bench.deps, await bench.stored(), 'processor');
  await attach(bench.deps, ALICE_PHONE, { type: 'attach', id: 'r1', offset: 0 });

  expect(bench.memory.all('subscriptions')).toEqual([]);
});

test('1,000 dead letters are redriven by a filter while their viewers watch: each sees one continued log and one more end', async () => {
  const count = 1_000;
  const ids = Array.from({ length: count }, (_, n) => `r${n}`);
  const viewers = ids.map((id, n) => new SimulatedViewer({ ...ALICE, connectionId: `c${n}`, connectedAt: n + 1 }, id));
  await bench.connect(...viewers.map(({ connection }) => connection));
  for (const { connection, id } of viewers) {
    await bench.request(id, { id }, connection, 1);
    await process(`acme#alice#${id}`, fails);
  }

  const report = await operationsOf().redriveAll({ dead: true, action: 'report', tenant: 'acme' }, { concurrency: 20 });
  for (const id of ids) await process(`acme#alice#${id}`, () => `done ${id}`);

  expect(report).toMatchObject({ selected: count, changed: count, skipped: 0, failed: 0 });
  for (const viewer of viewers) {
    for (const frame of framesOf(viewer.connection, viewer.id)) viewer.take(frame);
    const ends = viewer.delivered.filter(({ type }) => type !== 'event');
    expect(viewer.delivered.map(({ offset }) => offset)).toEqual([0, 1, 2, 3]);
    expect(ends).toMatchObject([
      { type: 'error', run: 1 },
      { type: 'result', run: 2, result: `done ${viewer.id}` },
    ]);
  }
  expect((await operationsOf().list({ dead: true })).requests).toEqual([]);
});

test('a redrive after a processor that died before it logged the end logs it first, so that no viewer has a gap', async () => {
  const claimed = await bench.running();
  const at = { now: bench.platform.now(), retentionSeconds: 60 };
  await bench.memory.write(finish(claimed, deadOutcome({ code: 'ODD', message: 'Odd.', retryable: false }), at));
  const request: RequestItem = await operationsOf().redrive('acme#alice#r1');

  expect(await bench.entries(request)).toMatchObject([{ offset: 0, kind: 'end', run: 1 }]);
});
