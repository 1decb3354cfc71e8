import * as v from 'valibot';
import * as transitions from '../../../../lambda-src/core/transitions';
import { type ProcessDeps, processMessage } from '../../../../lambda-src/flows/attempt/process';
import type { Connection } from '../../../../lambda-src/flows/connect/connection';
import type { RunHandler } from '../../../../lambda-src/flows/handlers/context';
import { parseMessage } from '../../../../lambda-src/flows/handlers/input';
import { type Action, route } from '../../../../lambda-src/flows/requests/route';
import type { HandlerContext } from '../../../../lambda-src/handler';
import type { Json } from '../../../../lambda-src/protocol';
import { ALICE, ALICE_PHONE, Bench, MALLORY } from '../../support/bench';

const KEY = 'acme#alice#r1';
const schemas = {
  approve: v.object({ ok: v.boolean() }),
  note: v.pipe(
    v.string(),
    v.transform((text) => text.length),
  ),
};

let bench: Bench;
beforeEach(async () => {
  bench = new Bench();
  await bench.connect(ALICE, ALICE_PHONE, MALLORY);
});

let ids = 0;
function send(name: string, data?: Json, { id = `i${++ids}`, by = ALICE_PHONE, request = 'r1', checked = true } = {}) {
  const action: Action = { kind: 'async', maxAttempts: 3, ...(checked && { messages: async () => schemas }) };
  const deps = { ...bench.deps, actions: new Map([['report', action]]), syncTimeoutMs: 5_000 };
  return route(deps, by as Connection, JSON.stringify({ type: 'input', id, request, name, data }));
}
const refusal = (code: string) =>
  expect.objectContaining({ type: 'error', for: 'input', error: expect.objectContaining({ code }) });

type Context = HandlerContext<never, Record<string, unknown>, never, unknown>;
function process(run: (context: Context) => unknown, more: Partial<ProcessDeps> = {}) {
  const deps: ProcessDeps = {
    ...bench.deps,
    heartbeat: {
      start: async () => undefined,
      sawHead: () => undefined,
      handlerEnded: () => undefined,
      stop: () => undefined,
    },
    noteStart: async () => undefined,
    run: run as unknown as RunHandler,
    parseInput: async (input) => input,
    parseMessage: (name, data) => parseMessage(schemas, name, data),
    progressRate: 10,
    retryBackoff: { baseMs: 0, maxMs: 0 },
    ...more,
  };
  const functionEndsAt = bench.platform.now() + 60_000;
  return processMessage(deps, { messageId: `m${++ids}`, body: { requestKey: KEY }, functionEndsAt });
}

/** Reads the messages of a name that are there. */
async function readAll(context: Context, name: string): Promise<unknown[]> {
  const read: unknown[] = [];
  for await (const { data } of context.messages(name, { waitSeconds: 0 })) read.push(data);
  return read;
}

test('a message is stored before it is acknowledged, and the handler gets it once and in order', async () => {
  await bench.request();
  expect(await send('note', 'a', { id: 'n1' })).toEqual({ type: 'ack', for: 'input', id: 'n1', request: 'r1' });
  await send('approve', { ok: true });
  await send('note', 'bcd');
  const read: unknown[] = [];
  await process(async (context) => {
    read.push(await readAll(context, 'note'), await readAll(context, 'approve'), await readAll(context, 'note'));
  });

  expect(read).toEqual([[1, 3], [{ ok: true }], []]);
});

test('a message with the same id is one message', async () => {
  await bench.request();
  const acks = [await send('note', 'a', { id: 'n1' }), await send('note', 'a', { id: 'n1' })];
  const read: unknown[] = [];
  await process(async (context) => void read.push(await readAll(context, 'note')));

  expect(acks[1]).toEqual(acks[0]);
  expect(read).toEqual([[1]]);
});

test('messages that are sent at the same time get different positions', async () => {
  await bench.request();
  const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => send('note', 'x'.repeat(n + 1))));
  const read: unknown[] = [];
  await process(async (context) => void read.push(...(await readAll(context, 'note'))));

  expect(answers.every(({ type }) => type === 'ack')).toBe(true);
  expect([...read].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a handler waits for a message and gets it within a second', async () => {
  await bench.request();
  const got: unknown[] = [];
  const work = process(async (context) => {
    for await (const message of context.messages('approve')) {
      got.push(message, bench.platform.now());
      return 'approved';
    }
    return 'no message';
  });
  await bench.platform.advance(10_000);
  expect(got).toEqual([]);
  const sentAt = bench.platform.now();
  await send('approve', { ok: true }, { id: 'a1' });
  await bench.platform.advance(1_000);
  await work;

  expect(got[0]).toEqual({ id: 'a1', data: { ok: true }, sentAt });
  expect(Number(got[1]) - sentAt).toBeLessThanOrEqual(1_000);
  expect(await bench.stored()).toMatchObject({ status: 'COMPLETED' });
});

test('an iteration ends after its time without a message, and throws when the signal fires', async () => {
  await bench.request();
  const seen: unknown[] = [];
  const work = process(async (context) => {
    for await (const _ of context.messages('note', { waitSeconds: 5 })) seen.push('a message');
    seen.push(bench.platform.now());
    for await (const _ of context.messages('note')) seen.push('a message');
  });
  const began = bench.platform.now();
  await bench.platform.advance(60_000);
  await work;

  expect(seen).toEqual([began + 5_000]);
  expect(await bench.stored()).toMatchObject({ status: 'PENDING', attempt: 1 });
});

test('an attempt after a failure reads again what the failed one has read; the next slice continues behind it', async () => {
  await bench.request();
  await send('note', 'a');
  const read: unknown[] = [];
  await process(async (context) => {
    read.push(await readAll(context, 'note'));
    throw new Error('broken');
  });
  await bench.platform.advance(1_000);
  await send('note', 'bb');
  await process(async (context) => {
    read.push(await readAll(context, 'note'));
    return context.continue('next');
  });
  await send('note', 'ccc');
  await send('approve', { ok: true });
  await process(async (context) => {
    read.push(await readAll(context, 'note'), await readAll(context, 'approve'));
    return context.continue('last');
  });
  await process(async (context) => void read.push(await readAll(context, 'note'), await readAll(context, 'approve')));

  expect(read).toEqual([[1], [1, 2], [3], [{ ok: true }], [], []]);
});

test('two loops over one name at the same time get each message once', async () => {
  await bench.request();
  for (const text of ['a', 'bb', 'ccc']) await send('note', text);
  const read: unknown[] = [];
  await process(async (context) => {
    const lists = [readAll(context, 'note'), readAll(context, 'note')];
    read.push(...(await Promise.all(lists)).flat());
  });

  expect([...read].sort()).toEqual([1, 2, 3]);
});

test('a message that is found after the signal has fired stays unread for the next slice', async () => {
  await bench.request();
  await send('note', 'a');
  const read: unknown[] = [];
  const work = process(async (context) => {
    const held = new Promise<void>((resolve) => {
      bench.beforeStore = (call) => (call === 'query' ? held : undefined);
      context.signal.addEventListener('abort', () => setImmediate(resolve));
    });
    await expect(readAll(context, 'note')).rejects.toMatchObject({ code: 'HANDLER_TIMEOUT' });
    await held;
    await new Promise((resolve) => setImmediate(resolve));
    return context.continue('next');
  });
  await bench.platform.advance(60_000);
  await work;
  bench.beforeStore = () => undefined;
  await process(async (context) => void read.push(await readAll(context, 'note')));

  expect(read).toEqual([[1]]);
});

test('a message that its schema refuses is refused by the router, or left out by the handler where the router has no schema', async () => {
  await bench.request();
  expect(await send('approve', { ok: 'yes' })).toEqual(refusal('INVALID_INPUT'));
  expect(await send('reject', {})).toMatchObject({
    error: { code: 'INVALID_INPUT', details: { issues: [{ path: 'name', message: 'must be one of approve, note' }] } },
  });
  await send('approve', { ok: 'yes' }, { checked: false });
  await send('approve', { ok: true }, { checked: false });
  const read: unknown[] = [];
  await process(async (context) => void read.push(...(await readAll(context, 'approve'))));

  expect(read).toEqual([{ ok: true }]);
  expect(bench.lines.some(({ message }) => message.startsWith('a message was left out'))).toBe(true);
});

test('a message to a request of another user, to none or to one that has ended is refused', async () => {
  await bench.request();
  expect(await send('note', 'a', { by: MALLORY })).toEqual(refusal('NOT_FOUND'));
  expect(await send('note', 'a', { request: 'other' })).toEqual(refusal('NOT_FOUND'));
  const request = await bench.claim();
  const at = { now: bench.platform.now(), retentionSeconds: 86_400 };
  await bench.memory.write(transitions.finish(request, { kind: 'result', body: '1' }, at));

  expect(await send('note', 'a')).toEqual(refusal('REQUEST_ENDED'));
});

test('a request takes at most 1,000 messages', async () => {
  const request = await bench.running();
  const key = { logKey: `${request.requestKey}#${request.epoch}`, offset: -1 };
  await bench.memory.write({ kind: 'update', table: 'events', key, set: { messages: 999 } });

  expect(await send('note', 'a')).toMatchObject({ type: 'ack' });
  expect(await send('note', 'b')).toEqual(refusal('TOO_MANY_INPUTS'));
});
