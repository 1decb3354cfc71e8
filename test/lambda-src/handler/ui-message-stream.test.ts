import * as fc from 'fast-check';
import {
  pipeUIMessageStream,
  type UIMessageChunk,
  type UIMessageChunks,
  type UIMessageContext,
} from '../../../lambda-src/handler/ui-message-stream';

const REQUEST = { id: 'r1', run: 1, slice: 1, attempt: 2 };

function contextOf(emit?: (data: UIMessageChunks) => Promise<void>) {
  const events: UIMessageChunks[] = [];
  const stop = new AbortController();
  const context = {
    signal: stop.signal,
    request: REQUEST,
    emit: async (_: string, data: UIMessageChunks) => {
      events.push(data);
      await emit?.(data);
    },
  } as unknown as UIMessageContext;
  return { context, events, stop };
}

const streamOf = (chunks: readonly object[], end: 'close' | Error = 'close') =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      if (end === 'close') controller.close();
      else controller.error(end);
    },
  });

const delta = (text: string) => ({ type: 'text-delta', id: 't', delta: text });
const chunksOf = (events: readonly UIMessageChunks[]) => events.flatMap(({ chunks }) => chunks);

test('chunks that arrive together are one event, with the attempt that writes it', async () => {
  const { context, events } = contextOf();
  const chunks = [{ type: 'start' }, { type: 'text-start', id: 't' }, delta('Hel'), delta('lo')];

  expect(await pipeUIMessageStream(context, streamOf(chunks), { batchMs: 20 })).toEqual({ aborted: false });
  expect(events).toEqual([
    { run: 1, slice: 1, attempt: 2, chunks: [{ type: 'start', messageId: 'r1' }, ...chunks.slice(1)] },
  ]);
});

test('a start chunk keeps its own message id', async () => {
  const { context, events } = contextOf();
  await pipeUIMessageStream(context, streamOf([{ type: 'start', messageId: 'own' }]));

  expect(chunksOf(events)).toEqual([{ type: 'start', messageId: 'own' }]);
});

test('chunks that arrive while an event is being stored are the next event', async () => {
  let store: () => void = () => undefined;
  const { context, events } = contextOf(
    () =>
      new Promise((resolve) => {
        store = resolve;
      }),
  );
  let add: ReadableStreamDefaultController | undefined;
  const stream = new ReadableStream({
    start: (controller) => {
      add = controller;
    },
  });
  const piped = pipeUIMessageStream(context, stream, { batchMs: 0 });
  add?.enqueue(delta('a'));
  await new Promise(setImmediate);
  for (const text of ['b', 'c']) add?.enqueue(delta(text));
  add?.close();
  await new Promise(setImmediate);
  expect(events).toHaveLength(1);
  store();
  await new Promise((resolve) => setTimeout(resolve, 5));
  store();
  await piped;

  expect(events.map(({ chunks }) => chunks.length)).toEqual([1, 2]);
});

test('whatever the chunks are, all of them arrive once and in order, and no event is larger than 32 KB', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30_000 });
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 8 }), async (texts) => {
      const { context, events } = contextOf();
      await pipeUIMessageStream(context, streamOf(texts.map(delta)), { batchMs: 0 });

      expect(
        chunksOf(events)
          .map((chunk) => (chunk as UIMessageChunk & { delta: string }).delta)
          .join(''),
      ).toBe(texts.join(''));
      for (const event of events) expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(32 * 1024);
    }),
    { numRuns: 30 },
  );
});

test('a stream that fails rejects with its error, after the chunks before it are stored', async () => {
  const { context, events } = contextOf();
  const source = new ReadableStream({
    async pull(controller) {
      controller.enqueue(delta('a'));
      await new Promise(setImmediate);
      controller.error(new Error('The model is overloaded.'));
    },
  });

  await expect(pipeUIMessageStream(context, source, { batchMs: 0 })).rejects.toThrow('The model is overloaded.');
  expect(chunksOf(events)).toEqual([delta('a')]);
});

test('an event that cannot be stored cancels the stream', async () => {
  const { context } = contextOf(() => Promise.reject(new Error('Another attempt has taken over.')));
  let reason: unknown;
  const source = new ReadableStream({
    start: (controller) => controller.enqueue(delta('a')),
    cancel: () => {
      reason = 'cancelled';
    },
  });

  await expect(pipeUIMessageStream(context, source)).rejects.toThrow('taken over');
  expect(reason).toBe('cancelled');
});

test.each([
  'while it waits',
  'before it starts',
])('a signal that fires %s stops the model and keeps the text so far', async (when) => {
  const { context, events, stop } = contextOf();
  let cancelled: unknown;
  const source = new ReadableStream({
    start: (controller) => controller.enqueue(delta('a')),
    cancel: (reason) => {
      cancelled = reason;
    },
  });
  if (when === 'before it starts') stop.abort('stopped');
  const piped = pipeUIMessageStream(context, source, { batchMs: 0 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort('stopped');

  expect(await piped).toEqual({ aborted: true });
  expect(cancelled).toBe('stopped');
  if (when === 'while it waits') expect(chunksOf(events)).toEqual([delta('a')]);
});

test.each([-1, 3_001, Number.NaN])('a batch time of %p is refused', async (batchMs) => {
  await expect(pipeUIMessageStream(contextOf().context, streamOf([]), { batchMs })).rejects.toThrow('from 0 to 3000');
});
