import { FaultPlan, type FaultRule } from '../../../../local/emulator/chaos';
import type { InvokeResult } from '../../../../local/emulator/types';
import { type MappingKind, mappingFaults } from '../../../../local/run/chaos/mappings';
import { FaultTimers } from '../../../../local/run/chaos/timers';
import { FakeClock } from '../../../fakes/fake-clock';

const OK: InvokeResult = { ok: true, payload: { batchItemFailures: [] }, durationMs: 1 };

/** A mapping whose faults always occur. */
function create(kind: MappingKind, ...rules: Pick<FaultRule, 'at' | 'fault'>[]) {
  const delivered: {
    Records: { messageId?: string; body?: string; dynamodb?: { Keys: unknown; NewImage?: unknown } }[];
  }[] = [];
  const clock = new FakeClock();
  const profile = { description: '', rules: rules.map((rule) => ({ ...rule, chance: 1, ms: [50, 50] }) as FaultRule) };
  const plan = new FaultPlan(1, profile);
  const invoke = async (_: string, event: unknown) => {
    delivered.push(event as never);
    return OK;
  };
  const invoker = mappingFaults(kind, { invoke, invokeAsync: () => undefined }, plan, new FaultTimers(clock));
  return { plan, clock, delivered, deliver: (...Records: object[]) => invoker.invoke('f', { Records }) };
}

const STREAM = { kind: 'stream', mayLose: true } as const;
const record = (key: string, image = key) => ({
  eventID: image,
  dynamodb: { Keys: { id: { S: key } }, NewImage: { value: { S: image } }, SequenceNumber: image },
});
const message = (id: string) => ({ messageId: id, receiptHandle: `r${id}`, body: id });

test('a lost record does not reach the function', async () => {
  const { deliver, delivered, plan } = create(STREAM, { at: 'record', fault: 'lose' });
  expect(await deliver(record('a'))).toMatchObject({ ok: true });
  expect(delivered).toEqual([]);
  expect(plan.injected).toEqual({ 'record lose': 1 });
});

test('a mapping without a maximum of retries loses no record', async () => {
  const { deliver, delivered, plan } = create({ kind: 'stream', mayLose: false }, { at: 'record', fault: 'lose' });
  await deliver(record('a'));
  expect(delivered).toEqual([{ Records: [record('a')] }]);
  expect(plan.total).toBe(0);
});

test('a record is repeated', async () => {
  const { deliver, delivered } = create(STREAM, { at: 'record', fault: 'duplicate' });
  await deliver(record('a'));
  expect(delivered).toEqual([{ Records: [record('a'), record('a')] }]);
});

test('a record overtakes the record of another item, but never a record of the same item', async () => {
  const { deliver, delivered } = create(STREAM, { at: 'record', fault: 'reorder' });
  await deliver(record('a', 'a1'), record('b', 'b1'));
  await deliver(record('a', 'a1'), record('a', 'a2'));
  expect(delivered).toEqual([
    { Records: [record('b', 'b1'), record('a', 'a1')] },
    { Records: [record('a', 'a1'), record('a', 'a2')] },
  ]);
});

test('a record that the function cannot process precedes a record', async () => {
  const { deliver, delivered } = create(STREAM, { at: 'record', fault: 'poison' });
  await deliver(record('a'));
  expect(delivered[0]?.Records.map(({ dynamodb }) => dynamodb?.NewImage)).toEqual([
    { poison: { S: expect.any(String) } },
    { value: { S: 'a' } },
  ]);
});

test('a late record reaches the function after its delay', async () => {
  const { deliver, delivered, clock } = create(STREAM, { at: 'record', fault: 'late' });
  const done = deliver(record('a'));
  await clock.advance(49);
  expect(delivered).toEqual([]);
  await clock.advance(1);
  await done;
  expect(delivered).toHaveLength(1);
});

test('the answer of the function is lost, so the mapping delivers the batch again', async () => {
  const { deliver, delivered } = create(STREAM, { at: 'batch', fault: 'again' });
  expect(await deliver(record('a'))).toMatchObject({ ok: false, kind: 'Unhandled' });
  expect(delivered).toHaveLength(1);
});

const STANDARD = { kind: 'queue', fifo: false } as const;

test('a message of a standard queue is delivered twice', async () => {
  const { deliver, delivered } = create(STANDARD, { at: 'message', fault: 'duplicate' });
  expect(await deliver(message('a'))).toBe(OK);
  expect(delivered).toEqual([{ Records: [message('a')] }, { Records: [message('a')] }]);
});

test('a message that the function cannot process is delivered at the same time', async () => {
  const { deliver, delivered } = create(STANDARD, { at: 'message', fault: 'poison' });
  expect(await deliver(message('a'))).toBe(OK);
  expect(delivered.map(({ Records }) => Records[0]?.body)).toEqual([expect.stringContaining('poison'), 'a']);
});

test.each(['duplicate', 'poison'] as const)('a FIFO queue has no fault %s', async (fault) => {
  const { deliver, delivered, plan } = create({ kind: 'queue', fifo: true }, { at: 'message', fault });
  await deliver(message('a'));
  expect(delivered).toEqual([{ Records: [message('a')] }]);
  expect(plan.total).toBe(0);
});

test('a queue loses no message, because SQS keeps a message until it is deleted', async () => {
  const { deliver, delivered } = create(STANDARD, { at: 'message', fault: 'lose' });
  await deliver(message('a'));
  expect(delivered).toEqual([{ Records: [message('a')] }]);
});
