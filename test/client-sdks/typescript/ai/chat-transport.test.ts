import {
  ChatRestartError,
  resumeOnRestart,
  StreamerChatTransport,
  type UIChunk,
} from '../../../../client-sdks/typescript/src/ai';
import { connected, type World } from '../support/client-world';
import { ack, event, failure, marker, page, progress, result } from '../support/frames';
import { settled } from '../support/virtual-clock';

const text = (delta: string) => ({ type: 'text-delta', id: 't', delta });
const batch = (offset: number, deltas: string, attempt = 1, slice = 1) =>
  event(offset, { run: 1, slice, attempt, chunks: [...deltas].map(text) } as never, attempt);
const chunks = (offset: number, deltas: string, attempt = 1, slice = 1) => ({
  ...batch(offset, deltas, attempt, slice),
  name: 'ui-chunks',
});

const MESSAGES = [
  { id: 'm1', role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
  { id: 'm2', role: 'user', parts: [{ type: 'text', text: 'Hello?' }] },
];
const submit = (chatId = 'c1', more: object = {}) => ({
  ...{ chatId, trigger: 'submit-message' as const, messageId: undefined, messages: MESSAGES },
  ...more,
});

interface Read {
  readonly chunks: UIChunk[];
  text: string;
  end?: 'closed' | Error;
  cancel(): Promise<void>;
}

/** Reads a stream in the background. */
function read(stream: ReadableStream<UIChunk>): Read {
  const reader = stream.getReader();
  const seen: Read = { chunks: [], text: '', cancel: () => reader.cancel() };
  void (async () => {
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        seen.chunks.push(next.value);
        if (next.value.type === 'text-delta') seen.text += next.value.delta;
      }
      seen.end = 'closed';
    } catch (error) {
      seen.end = error as Error;
    }
  })();
  return seen;
}

/** Frames with the id of the request that the transport chose. */
async function receive(world: World, id: string, ...frames: object[]): Promise<void> {
  for (const frame of frames) {
    const { entries } = frame as { entries?: object[] };
    const inside = entries && { entries: entries.map((entry) => ({ ...entry, id })) };
    world.network.newest.frame({ ...frame, ...inside, id } as never);
  }
  await settled();
}

async function chat(options: object = {}) {
  const world = await connected();
  const transport = new StreamerChatTransport({ client: world.client, ...options });
  const send = async (request: object = {}, ...frames: object[]) => {
    const sent = transport.sendMessages(submit('c1', request));
    await settled();
    const [frame] = world.network.takeFrames() as { id: string }[];
    await receive(world, frame.id, ack(), marker(0, 1), ...frames);
    return { frame, answer: read(await sent) };
  };
  return { world, transport, send };
}

/** A replay holds its first chunks for 100 ms. */
const replayed = () => new Promise((resolve) => setTimeout(resolve, 120));

test('only the last message is sent, and the answer is a stream of chunks', async () => {
  const { world, send } = await chat();
  const { frame, answer } = await send({ body: { model: 'small' }, metadata: { ignored: true } });
  const input = { chatId: 'c1', trigger: 'submit-message', message: MESSAGES[1], model: 'small' };
  expect(frame).toEqual({ type: 'request', id: expect.stringMatching(/^\w+_\w+$/), action: 'chat', input });
  await receive(world, frame.id, chunks(1, 'Hel'), chunks(2, 'lo'), result(3));

  expect(answer).toMatchObject({ text: 'Hello', end: 'closed' });
});

test('another action and another input can be chosen', async () => {
  const { send } = await chat({
    action: 'assistant',
    prepareInput: ({ messages }: { messages: unknown[] }) => ({ count: messages.length }),
  });

  expect((await send()).frame).toMatchObject({ action: 'assistant', input: { count: 2 } });
});

test('progress is a transient part, and other events are data parts', async () => {
  const { world, send } = await chat();
  const { frame, answer } = await send();
  await receive(world, frame.id, progress({ percentage: 30, message: 'searches' }), event(1, { rows: 2 }), result(2));

  expect(answer.chunks).toEqual([
    { type: 'data-progress', transient: true, data: expect.objectContaining({ percentage: 30, message: 'searches' }) },
    { type: 'data-row', data: { rows: 2 } },
  ]);
});

test('a lost connection does not end the stream', async () => {
  const { world, send } = await chat();
  const { frame, answer } = await send({}, chunks(1, 'Hel'));
  world.network.newest.end(1006);
  await world.clock.advance(12_500);
  world.network.newest.accept();
  await receive(world, frame.id, page([chunks(2, 'lo'), result(3)] as never, { offset: 4 }));

  expect(answer).toMatchObject({ text: 'Hello', end: 'closed' });
});

test.each([
  ['a failure', failure(1), { type: 'error', errorText: 'No.' }],
  ['a cancellation', failure(1, 1, 'CANCELLED'), { type: 'abort' }],
])('%s is a chunk of the stream', async (_, frame, chunk) => {
  const { send } = await chat();
  const { answer } = await send({}, frame);
  await settled();

  expect(answer).toMatchObject({ chunks: [chunk], end: 'closed' });
});

test('a refused message is an error chunk, too', async () => {
  const { world, transport } = await chat();
  const sent = transport.sendMessages(submit());
  await settled();
  const [{ id }] = world.network.takeFrames() as { id: string }[];
  const error = { code: 'INVALID_INPUT', message: 'Too long.', retryable: false };
  await receive(world, id, { type: 'error', error });
  const answer = read(await sent);
  await settled();

  expect(answer).toMatchObject({ chunks: [{ type: 'error', errorText: 'Too long.' }], end: 'closed' });
});

test('stop() cancels the request, also before the server has accepted it, and the chat gets an AbortError', async () => {
  const { world, transport } = await chat();
  const stop = new AbortController();
  const sent = transport.sendMessages(submit('c1', { abortSignal: stop.signal }));
  await settled();
  const [{ id }] = world.network.takeFrames() as { id: string }[];
  stop.abort();
  await receive(world, id, ack(), marker(0, 1));
  const answer = read(await sent);
  await settled();
  expect(world.network.takeFrames()).toEqual([{ type: 'cancel', id, reason: 'stopped by the user' }]);
  expect(answer.end).toMatchObject({ name: 'AbortError' });
  await receive(world, id, { type: 'ack', for: 'cancel', status: 'RUNNING', run: 1, epoch: 'e-1', offset: 1 });

  // nothing is being written any more
  const resumed = transport.reconnectToStream({ chatId: 'c1' });
  await settled();
  const [list] = world.network.takeFrames() as { id: string }[];
  await receive(world, list.id, { type: 'requests', requests: [] });
  expect(await resumed).toBeNull();
});

test('a reader that leaves cancels nothing', async () => {
  const { world, send } = await chat();
  const { answer } = await send();
  await answer.cancel();

  expect(world.network.takeFrames()).toEqual([]);
});

const row = (id: string, attempt = 1) => ({
  ...{ id, action: 'chat', status: 'RUNNING', createdAt: 1, epoch: 'e-1', ref: 'ref-1', run: 1, attempt },
});

/** The page is loaded again: a new transport knows nothing. @returns the answer that it continues */
async function reload(id: string, log: object[]) {
  const world = await connected();
  const transport = new StreamerChatTransport({ client: world.client });
  const resumed = transport.reconnectToStream({ chatId: 'c1' });
  await settled();
  const [list] = world.network.takeFrames() as { id: string }[];
  expect(list).toMatchObject({ type: 'list', action: 'chat', status: ['PENDING', 'WAITING', 'RUNNING'] });
  await receive(world, list.id, { type: 'requests', requests: [row('other_1'), row(id)] });
  await receive(world, id, page(log as never, { offset: log.length }));
  const stream = await resumed;
  return { world, transport, answer: read(stream as ReadableStream<UIChunk>) };
}

test('after a reload, the answer is read from its start, and continues', async () => {
  const { frame } = await (await chat()).send({}, chunks(1, 'Hel'));
  const { world, answer } = await reload(frame.id, [marker(0, 1), chunks(1, 'Hel')]);
  await replayed();
  expect(answer.text).toBe('Hel');
  await receive(world, frame.id, chunks(2, 'lo'), result(3));

  expect(answer).toMatchObject({ text: 'Hello', end: 'closed' });
});

test('after a reload, chunks of an attempt that was lost are left out', async () => {
  const { frame } = await (await chat()).send();
  const log = [marker(0, 1), chunks(1, 'Hel'), marker(2, 2), chunks(3, 'Hell', 2)];
  const { world, answer } = await reload(frame.id, log);
  await receive(world, frame.id, chunks(4, 'o', 2), { ...result(5) });

  expect(answer).toMatchObject({ text: 'Hello', end: 'closed' });
});

test('the slices of a long answer belong together, and a retry repeats only its own slice', async () => {
  const { frame } = await (await chat()).send();
  const log = [
    marker(0, 1),
    chunks(1, 'Hel'),
    marker(2, 1, 1, 2),
    chunks(3, 'XX', 1, 2),
    marker(4, 2, 1, 3),
    chunks(5, 'lo', 2, 2),
  ];
  const { world, answer } = await reload(frame.id, log);
  await receive(world, frame.id, result(6));

  expect(answer).toMatchObject({ text: 'Hello', end: 'closed' });
});

test('an attempt that is lost while its answer is shown makes the chat read the answer from its start', async () => {
  const { world, transport, send } = await chat();
  const { frame, answer } = await send({}, chunks(1, 'Hel'));
  await receive(world, frame.id, marker(2, 2), chunks(3, 'Hell', 2));
  expect(answer.end).toBeInstanceOf(ChatRestartError);
  world.network.takeFrames();

  const resumed = transport.reconnectToStream({ chatId: 'c1' });
  await settled();
  expect(world.network.takeFrames()).toEqual([{ type: 'attach', id: frame.id, offset: 0 }]);
  await receive(
    world,
    frame.id,
    page([marker(0, 1), chunks(1, 'Hel'), marker(2, 2), chunks(3, 'Hell', 2)] as never, { offset: 4 }),
  );
  const again = read((await resumed) as ReadableStream<UIChunk>);
  await receive(world, frame.id, chunks(4, 'o', 2), result(5));
  expect(again).toMatchObject({ text: 'Hello', end: 'closed' });
});

test('an attempt that was lost before it wrote anything changes nothing', async () => {
  const { world, send } = await chat();
  const { frame, answer } = await send();
  await receive(world, frame.id, marker(1, 2), chunks(2, 'Hello', 2), result(3));

  expect(answer).toMatchObject({ text: 'Hello', end: 'closed' });
});

test('a chat whose answer has ended is not resumed', async () => {
  const { world, transport, send } = await chat();
  const { frame } = await send({}, result(1));
  const resumed = transport.reconnectToStream({ chatId: 'c1' });
  await settled();
  const [list] = world.network.takeFrames() as { id: string }[];
  expect(list).toMatchObject({ type: 'list' });
  await receive(world, list.id, { type: 'requests', requests: [], cursor: 'more' });
  const [next] = world.network.takeFrames() as { id: string }[];
  expect(next).toMatchObject({ cursor: 'more' });
  await receive(world, next.id, { type: 'requests', requests: [] });

  expect(await resumed).toBeNull();
  expect(frame.id).not.toBe(list.id);
});

test('a request that does not exist any more is not resumed', async () => {
  const { frame } = await (await chat()).send();
  const { world, transport } = await chat();
  const resumed = transport.reconnectToStream({ chatId: 'c1' });
  await settled();
  const [list] = world.network.takeFrames() as { id: string }[];
  await receive(world, list.id, { type: 'requests', requests: [row(frame.id)] });
  const error = { code: 'NOT_FOUND', message: 'There is no such request.', retryable: false };
  await receive(world, frame.id, { type: 'error', for: 'attach', error });

  expect(await resumed).toBeNull();
});

test('a closed client ends the stream with a plain error, because the answer itself has not failed', async () => {
  const { world, send } = await chat();
  const { answer } = await send({}, chunks(1, 'Hel'));
  world.client.close();
  await settled();

  expect(answer.end).toMatchObject({ name: 'Error', cause: { code: 'CLIENT_CLOSED' } });
});

test('resumeOnRestart resumes after a restart, and passes other errors on', async () => {
  const others: unknown[] = [];
  let resumed = 0;
  const onError = resumeOnRestart(
    () => ({ resumeStream: () => void resumed++ }),
    (error) => others.push(error),
  );
  onError(new ChatRestartError());
  const other = new Error('other');
  onError(other);
  expect(resumed).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 1));

  expect([resumed, others]).toEqual([1, [other]]);
});

test('requests of one chat share a prefix, and those of other chats do not', async () => {
  const { world, transport } = await chat();
  const ids: string[] = [];
  for (const chatId of ['c1', 'c1', 'c2', 'x'.repeat(10_000), '']) {
    transport.sendMessages(submit(chatId)).catch(() => undefined);
    await settled();
    ids.push((world.network.takeFrames() as { id: string }[])[0].id);
  }
  const prefixes = ids.map((id) => id.split('_')[0]);

  expect(new Set(ids).size).toBe(5);
  expect(prefixes[0]).toBe(prefixes[1]);
  expect(new Set(prefixes).size).toBe(4);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
});
