import type { InvokeResult } from '../../../local/emulator/types';
import { outcomeOf } from '../../../local/run/schedule-outcome';

/** Clock whose timers fire at once and move the time. */
function jumpingClock() {
  let time = 0;
  return {
    now: () => time,
    setTimeout: (fn: () => void, ms: number) => {
      time += ms;
      queueMicrotask(fn);
      return undefined;
    },
    clearTimeout: () => undefined,
  };
}

const RUN = { json: JSON.stringify({ type: 'submit', user: 'ann', tenant: 'acme' }), requestId: 'r-1' };

function outcome(answer: object, reports: readonly object[], waitMs: number, run: object = RUN) {
  const asked: unknown[] = [];
  const target = {
    clock: jumpingClock(),
    invoke: async (event: unknown): Promise<InvokeResult> => {
      asked.push(event);
      return { ok: true, payload: reports[Math.min(asked.length, reports.length) - 1], durationMs: 1 };
    },
  };
  return outcomeOf({ ...run, answer: Promise.resolve(answer) } as never, target, waitMs).then((found) => ({
    found,
    asked,
  }));
}

test('a refused submission is reported with its code and without a status', async () => {
  const error = { code: 'INVALID_INPUT', message: 'kind must be a string' };
  const { found, asked } = await outcome({ ok: true, payload: { ok: false, error } }, [], 5_000);
  expect([found, asked]).toEqual([{ error }, []]);
});

test('a function that fails is reported with the name of its error', async () => {
  const { found } = await outcome({ ok: false, error: { name: 'TypeError', message: 'no table' } }, [], 5_000);
  expect(found).toEqual({ error: { code: 'TypeError', message: 'no table' } });
});

test('a request that a processor refuses is reported with its status and its code', async () => {
  const error = { code: 'INVALID_INPUT', message: 'kind must be a string' };
  const accepted = { ok: true, payload: { ok: true, status: 'PENDING' } };
  const { found, asked } = await outcome(accepted, [{ status: 'RUNNING' }, { status: 'FAILED', error }], 5_000);
  expect(found).toEqual({ status: 'FAILED', error });
  expect(asked).toEqual(Array(2).fill({ type: 'status', id: 'r-1', user: 'ann', tenant: 'acme' }));
});

test('a request that still runs after the time is reported with its status', async () => {
  const accepted = { ok: true, payload: { ok: true, status: 'PENDING' } };
  expect((await outcome(accepted, [{ status: 'RUNNING' }], 5_000)).found).toEqual({ status: 'RUNNING' });
  expect(await outcome(accepted, [], 0)).toEqual({ found: { status: 'PENDING' }, asked: [] });
});

test('a schedule that submits no request has no status', async () => {
  const { found } = await outcome({ ok: true, payload: 'done' }, [], 5_000, { json: '{}', requestId: undefined });
  expect(found).toEqual({});
});
