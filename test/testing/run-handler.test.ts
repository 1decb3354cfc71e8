import { defineHandler, HandlerError } from 'cdk-streamer/handler';
import { runHandler } from 'cdk-streamer/testing';
import * as v from 'valibot';
import { BOUNDS } from '../../src/contract';

type Events = { line: { at: Date; text: string } };

const steps = defineHandler<
  v.ObjectSchema<{ steps: v.OptionalSchema<v.NumberSchema<undefined>, 3> }, undefined>,
  { steps: number; doneAt: Date },
  Events
>({
  input: v.object({ steps: v.optional(v.number(), 3) }),
  async run({ input, progress, emit, log }) {
    for (let step = 1; step <= input.steps; step++) progress((step / input.steps) * 100, `step ${step}`);
    await emit('line', { at: new Date(0), text: 'written' });
    log.info('done', { steps: input.steps });
    return { steps: input.steps, doneAt: new Date(0) };
  },
});

test('a handler that continues ends its slice with its state; the next run gets the state, after its schema', async () => {
  const handler = defineHandler({
    state: v.object({ page: v.pipe(v.number(), v.transform(String)) }),
    run: ({ state, request, ...context }) =>
      state === undefined ? context.continue({ page: 7 }, { delay: 60 }) : { state, slice: request.slice },
  });

  expect(await runHandler(handler)).toMatchObject({ continued: { state: { page: 7 }, delay: 60 } });
  const next = await runHandler(handler, undefined, { state: { page: 7 }, request: { slice: 2 } });
  expect(next).toMatchObject({ result: { state: { page: '7' }, slice: 2 } });
  expect(await runHandler(handler, undefined, { state: { page: 'x' } })).toMatchObject({
    error: { code: 'INVALID_CONTINUE', retryable: false },
  });
});

test('a handler’s result, progress, events and log lines can be inspected', async () => {
  const { result, error, progress, events, log } = await runHandler(steps, { steps: 2 });

  expect(error).toBeUndefined();
  expect(result).toEqual({ steps: 2, doneAt: '1970-01-01T00:00:00.000Z' });
  expect(progress).toEqual([
    { percentage: 50, message: 'step 1' },
    { percentage: 100, message: 'step 2' },
  ]);
  expect(events).toEqual([{ name: 'line', data: { at: '1970-01-01T00:00:00.000Z', text: 'written' } }]);
  expect(log).toEqual([
    {
      level: 'info',
      message: 'done',
      fields: { id: 'test-request', action: 'test-action', run: 1, attempt: 1, steps: 2 },
    },
  ]);
});

test('the types are the handler’s, after a conversion to JSON', async () => {
  const { result, events } = await runHandler(steps, {});

  const doneAt: string | undefined = result?.doneAt;
  const texts: string[] = events.map(({ data }) => data.text);
  // @ts-expect-error: the result has no such field
  const missing = result?.nothing;
  // @ts-expect-error: the input's steps are a number
  const refused = await runHandler(steps, { steps: 'many' });

  expect({ doneAt, texts, missing }).toEqual({
    doneAt: '1970-01-01T00:00:00.000Z',
    texts: ['written'],
    missing: undefined,
  });
  expect(refused.error?.code).toBe('INVALID_INPUT');
});

test('the schema’s defaults are applied, and its issues are the error’s details', async () => {
  expect((await runHandler(steps, {})).result?.steps).toBe(3);

  const { error } = await runHandler(steps, { steps: 'x' as never });
  expect(error).toMatchObject({
    code: 'INVALID_INPUT',
    retryable: false,
    details: { issues: [{ path: 'steps', message: expect.stringContaining('number') }] },
  });
});

test('a schema from a separate module is used for a handler that has none', async () => {
  const handler = defineHandler({ run: ({ input }) => input });
  const module = { input: v.object({ name: v.string() }) };

  expect((await runHandler(handler, { name: 'x', other: 1 }, { schema: module })).result).toEqual({ name: 'x' });
  expect((await runHandler(handler, {}, { schema: module.input })).error?.code).toBe('INVALID_INPUT');
  await expect(runHandler(handler, {}, { schema: {} })).rejects.toThrow('`schema` must implement Standard Schema');
});

test('progress is clamped, never falls, and keeps what a report leaves out', async () => {
  const handler = defineHandler({
    run({ progress }) {
      progress(40, 'begun', { rows: 1 });
      progress(20);
      progress(Number.NaN);
      progress({ percentage: 400, metadata: { big: 'x'.repeat(17 * 1024) } });
      progress({ message: 'm'.repeat(2000) });
    },
  });
  const { progress, result } = await runHandler(handler);

  expect(result).toBeNull();
  expect(progress.map(({ percentage }) => percentage)).toEqual([40, 40, 40, 100, 100]);
  expect(progress[1]).toEqual({ percentage: 40, message: 'begun', metadata: { rows: 1 } });
  expect(progress[4].message).toHaveLength(1024);
  expect(progress[4].metadata).toEqual({ rows: 1 });
});

// the reason why the data is not JSON is a separate error, which only the log contains
test.each([
  ['an invalid name', '1st', {}, []],
  ['data above 32 KB', 'line', 'x'.repeat(33 * 1024), []],
  ['data that is not JSON', 'line', { n: 1n }, ['the handler failed']],
])('%s is refused as an event', async (_what, name, data, more) => {
  const { error, events, log } = await runHandler(defineHandler({ run: ({ emit }) => emit(name, data) }));

  expect(error).toMatchObject({ code: 'INVALID_EVENT', retryable: false });
  expect(events).toEqual([]);
  expect(log.map(({ message }) => message)).toEqual(['an event was not stored', ...more]);
});

test('a HandlerError is shown, and any other error is hidden and may be retried', async () => {
  const shown = new HandlerError('NO_DATA', 'There is none.', { retryable: true, retryAfter: 9, details: { day: 1 } });
  const hidden = new Error('password');
  const failing = (error: Error) => defineHandler({ run: () => Promise.reject(error) });

  expect((await runHandler(failing(shown))).error).toEqual({
    ...{ code: 'NO_DATA', message: 'There is none.', retryable: true, retryAfter: 9, details: { day: 1 } },
    cause: shown,
  });
  const { error, log } = await runHandler(failing(hidden));
  expect(error).toEqual({ code: 'HANDLER_ERROR', message: 'The handler failed.', retryable: true, cause: hidden });
  expect(log).toMatchObject([{ level: 'error', message: 'the handler failed', fields: { error: hidden } }]);
});

test.each([
  [
    'a circle',
    () => {
      const a: Record<string, unknown> = {};
      a.a = a;
      return a;
    },
    'RESULT_NOT_JSON',
  ],
  ['too large', () => 'x'.repeat(BOUNDS.resultBytes), 'RESULT_TOO_LARGE'],
])('a result that is %s is refused', async (_what, run, code) => {
  expect((await runHandler(defineHandler({ run: () => run() as unknown }))).error?.code).toBe(code);
});

test.each([
  [{ maxInputBytes: 4 }, 'PAYLOAD_TOO_LARGE'],
  [{ maxResultBytes: 4 }, 'RESULT_TOO_LARGE'],
  [{ maxEvents: 1 }, 'INVALID_EVENT'],
  [{ maxEvents: 2 }, undefined],
])('limits of the API hold: %j', async (limits, code) => {
  const handler = defineHandler({
    run: async ({ input, emit }) => {
      await emit('first');
      await emit('second');
      return input;
    },
  });

  expect((await runHandler(handler, 'longer', { limits })).error?.code).toBe(code);
});

const waiting = defineHandler({
  async run({ progress, signal }) {
    progress(10);
    progress(20);
    if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    progress(30);
    signal.throwIfAborted();
  },
});

test('an abort after a number of reports aborts the handler’s signal and ends the attempt', async () => {
  const { error, progress } = await runHandler(waiting, undefined, { abortAfterProgress: 2 });

  expect(error?.code).toBe('CANCELLED');
  expect(progress.map(({ percentage }) => percentage)).toEqual([10, 20, 30]);
});

test('a signal of the test ends the attempt, even if it was aborted before', async () => {
  const controller = new AbortController();
  const running = runHandler(waiting, undefined, { signal: controller.signal });
  controller.abort();

  expect((await running).error?.code).toBe('CANCELLED');
  expect(
    (
      await runHandler(defineHandler({ run: ({ signal }) => signal.throwIfAborted() }), undefined, {
        signal: AbortSignal.abort(),
      })
    ).error?.code,
  ).toBe('CANCELLED');
});

test('the deadline aborts the signal, and the attempt of a handler that ignores it ends', async () => {
  let deadline = 0;
  const handler = defineHandler({
    run: ({ request, signal }) => {
      deadline = request.deadline;
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
  });
  const before = Date.now();
  const { error } = await runHandler(handler, undefined, { timeoutMs: 40 });

  expect(error).toMatchObject({ code: 'HANDLER_TIMEOUT', retryable: true });
  expect(deadline - before).toBeGreaterThanOrEqual(39);
  expect(deadline - before).toBeLessThan(1000);
});

test('identity and request are those of the options', async () => {
  const handler = defineHandler({ run: ({ identity, request }) => ({ identity, request }) });

  expect((await runHandler(handler)).result).toMatchObject({
    identity: { tenant: 'test-tenant', user: 'test-user' },
    request: { id: 'test-request', action: 'test-action', attempt: 1, run: 1 },
  });
  const request = { id: 'r1', action: 'report', attempt: 3, run: 2, createdAt: 5 };
  const asked = await runHandler(handler, undefined, { identity: { tenant: 'acme', user: 'ann' }, request });
  expect(asked.result).toMatchObject({ identity: { tenant: 'acme', user: 'ann' }, request });
});

test('a module without a handler is refused with the reason', async () => {
  await expect(runHandler({ default: { run: () => 1 } } as never)).rejects.toThrow('pass its default export');
  await expect(runHandler(null as never)).rejects.toThrow('expected what defineHandler returns, got: null');
});

test("the handler's rule decides whether an error is retryable", async () => {
  const handler = defineHandler({
    retryIf: (error) => (error instanceof RangeError ? false : undefined),
    run: ({ request }) => {
      throw request.attempt === 1 ? new RangeError('none') : new Error('other');
    },
  });

  expect(await runHandler(handler)).toMatchObject({ error: { code: 'HANDLER_ERROR', retryable: false } });
  const second = await runHandler(handler, undefined, { request: { attempt: 2 } });
  expect(second).toMatchObject({ error: { code: 'HANDLER_ERROR', retryable: true } });
});

test('the value of a cancelled handler is its partial result', async () => {
  const handler = defineHandler({
    async run({ progress, signal }) {
      progress(10);
      return { pages: signal.aborted ? 1 : 9 };
    },
  });

  const { error, result } = await runHandler(handler, undefined, { abortAfterProgress: 1 });
  expect(result).toBeUndefined();
  expect(error).toMatchObject({ code: 'CANCELLED', partial: { pages: 1 } });
});

test('a handler that streams gets the bytes of its input, and no value', async () => {
  const handler = defineHandler({
    streams: true,
    async run({ input, stream }) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream()) chunks.push(chunk);
      return { input: typeof input, text: Buffer.concat(chunks).toString() };
    },
  });

  expect((await runHandler(handler, { a: 'é' })).result).toEqual({ input: 'undefined', text: '{"a":"é"}' });
});

test('a limit for results above the size of a message is possible, as for an API with payloads', async () => {
  const handler = defineHandler({ run: () => 'x'.repeat(200_000) });

  const { result } = await runHandler(handler, undefined, { limits: { maxResultBytes: 300_000 } });

  expect(result).toHaveLength(200_000);
});
