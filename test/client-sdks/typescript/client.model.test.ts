import * as fc from 'fast-check';
import { type StreamerClient, StreamerError } from '../../../client-sdks/typescript/src';
import { LIMITS } from '../../../client-sdks/typescript/src/wire/protocol';
import { start } from './support/client-world';
import type { FakeSocket } from './support/fake-socket';

/**
 * A whole client between an application and a server that both act arbitrarily. Every promise settles, and if it rejects, it rejects with a
 * `StreamerError`. No message is sent more often than allowed. No rejection is left unhandled.
 */

/** Ways in which the server answers a message. `ran` and `log` are failures of handlers with codes of the protocol. */
const REACTIONS = [
  'answer',
  'silence',
  'failed',
  'throttle',
  'unnamed',
  'unknown',
  'expired',
  'ran',
  'log',
  'refused',
  'later',
  'absurd',
  'cut',
  'garbage',
] as const;
type Reaction = (typeof REACTIONS)[number];

/** An action of the application or the network. */
type Deed =
  | {
      readonly kind: 'request' | 'attach' | 'publish' | 'subscribe';
      readonly number: number;
      readonly listener: number;
    }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'offline' | 'online' | 'cut' | 'unsubscribe' };

const NUMBERS = [undefined, 0, 1, 500, 1e12, Number.POSITIVE_INFINITY, Number.NaN, -1, 1.5, null, '7'];
const listeners = [
  () => undefined,
  () => {
    throw new Error('mine');
  },
  async () => Promise.reject(new Error('mine')),
];

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('request', 'request', 'attach', 'publish', 'subscribe'),
      number: fc.nat({ max: NUMBERS.length - 1 }),
      listener: fc.nat({ max: listeners.length - 1 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('advance'), ms: fc.constantFrom(1, 900, 8_000, 31_000, 250_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('offline', 'online', 'cut', 'unsubscribe') }) },
) as fc.Arbitrary<Deed>;

interface Message {
  readonly type: string;
  readonly id: string;
  readonly topic: string;
}

const named = ({ id, topic, type }: Message) => ({ id, topic, for: type });
const wire = (code: string, more: object = {}) => ({ code, message: 'No.', retryable: false, ...more });
const gateway = (message: string) => ({ message, connectionId: 'c', requestId: 'r' });
const refusal = (message: Message, error: object, more: object = {}) => ({
  type: 'error',
  ...named(message),
  ...more,
  error,
});

function answerTo(message: Message): object {
  const { type, id, topic } = message;
  const log = { status: 'COMPLETED', epoch: 'e', ref: 'f', run: 1, offset: 1 };
  const answers: Record<string, object> = {
    ping: { type: 'pong' },
    request: { type: 'response', id, result: 1 },
    attach: { type: 'ack', id, ...log, entries: [{ type: 'result', id, offset: 0, run: 1, result: 1 }] },
    publish: { type: 'ack', for: 'publish', id, topic },
    subscribe: { type: 'ack', for: 'subscribe', topic, epoch: 'e', offset: 0 },
    unsubscribe: { type: 'ack', for: 'unsubscribe', topic },
  };
  return answers[type] as object;
}

function reactTo(reaction: Reaction, message: Message, socket: FakeSocket): void {
  const { type, id } = message;
  const isRequest = type === 'request';
  const reactions: Record<Reaction, () => void> = {
    answer: () => socket.frame(answerTo(message)),
    silence: () => undefined,
    failed: () => socket.frame(gateway('Internal server error')),
    throttle: () => socket.frame(gateway('Too Many Requests')),
    unnamed: () => socket.frame({ type: 'error', error: wire('INVALID_JSON') }),
    unknown: () => socket.frame(refusal(message, wire('OUTCOME_UNKNOWN', { retryable: true }))),
    expired: () => socket.frame(refusal(message, wire('TOKEN_EXPIRED'))),
    ran: () => isRequest && socket.frame(refusal(message, wire('TOKEN_EXPIRED'), { ran: true })),
    log: () => isRequest && socket.frame({ type: 'error', id, offset: 0, run: 1, error: wire('TOKEN_EXPIRED') }),
    refused: () => socket.frame(refusal(message, wire('FORBIDDEN'))),
    later: () => socket.frame(refusal(message, wire('RATE_LIMITED', { retryable: true }))),
    absurd: () =>
      socket.message(
        JSON.stringify(refusal(message, wire('BUSY', { retryable: true, retryAfter: 7 }))).replace('7', '1e999'),
      ),
    cut: () => socket.end(1006),
    garbage: () => socket.message('{"type":'),
  };
  reactions[type === 'ping' && reaction !== 'silence' && reaction !== 'cut' ? 'answer' : reaction]();
}

class Chaos {
  readonly outcomes: { value?: unknown; error?: unknown }[] = [];
  /** Number of copies of each message that were sent over one connection without any answer. */
  readonly copies = new Map<string, number>();
  begun = 0;
  private readonly wakes: (() => void)[] = [];
  private readonly world = start({
    token: () => 'token',
    wake: (...wakes) => {
      this.wakes.push(...wakes);
      return () => undefined;
    },
    onListenerError: () => undefined,
  });
  private readonly leave: (() => void)[] = [];

  constructor(private readonly reactions: Reaction[]) {}

  get client(): StreamerClient {
    return this.world.client;
  }

  async act(next: Deed): Promise<void> {
    if (next.kind === 'advance') await this.advance(next.ms);
    else if (next.kind === 'online') this.wakes[0]?.();
    else if (next.kind === 'offline') this.wakes[1]?.();
    else if (next.kind === 'cut') this.world.network.sockets.at(-1)?.end(1006);
    else if (next.kind === 'unsubscribe') this.leave.shift()?.();
    else if ('number' in next) this.begin(next);
    await this.advance(0);
  }

  /** Moves the time in steps. In each step, the server handles the messages that have arrived. */
  async advance(ms: number): Promise<void> {
    for (let left = ms; left >= 0; left -= 500) {
      await this.world.clock.advance(Math.min(left, 500));
      this.serve();
    }
  }

  private serve(): void {
    const { network, client } = this.world;
    if (client.state === 'connecting') network.sockets.at(-1)?.accept();
    for (const record of network.records.splice(0)) {
      if (record.kind !== 'frame') continue;
      const message = record.frame as Message;
      if (record.socket !== network.newest || client.state !== 'connected') continue;
      const reaction = this.reactions.shift() ?? 'answer';
      const key = [network.sockets.length, message.type, message.id, message.topic].join();
      if (reaction === 'silence') this.copies.set(key, (this.copies.get(key) ?? 0) + 1);
      reactTo(reaction, message, record.socket);
    }
  }

  private begin({ kind, number, listener }: Extract<Deed, { number: number }>): void {
    const value = NUMBERS[number] as number;
    const call = listeners[listener] as () => void;
    const heard = { onProgress: call, onEvent: call, onState: call, onMessage: call, onRecovered: call, onError: call };
    const { client } = this;
    this.begun += 1;
    const begins: Record<typeof kind, () => Promise<unknown>> = {
      request: () => client.request('report', value, { ...heard, timeoutMs: value }),
      attach: () => client.attach('report', { id: `a-${this.begun}`, offset: value }, heard),
      publish: () => client.publish('news', value),
      subscribe: () => {
        const subscription = client.subscribe(`t-${this.begun % 3}`, { ...heard, offset: value });
        this.leave.push(() => subscription.unsubscribe());
        return subscription.subscribed;
      },
    };
    const promise = (async () => begins[kind]())();
    promise.then(
      (result) => this.outcomes.push({ value: result }),
      (error) => this.outcomes.push({ error }),
    );
  }
}

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeAll(() => void process.on('unhandledRejection', note));
afterAll(() => void process.off('unhandledRejection', note));

const reactions = fc.array(fc.constantFrom(...REACTIONS), { maxLength: 60, size: 'max' });
const deeds = fc.array(deed, { minLength: 3, maxLength: 25, size: 'max' });

test('Once the server answers, every promise settles, and rejections are StreamerErrors', async () => {
  await fc.assert(
    fc.asyncProperty(reactions, deeds, async (answers, acts) => {
      const chaos = new Chaos([...answers]);
      for (const next of acts) await chaos.act(next);
      await chaos.act({ kind: 'online' });
      // Twelve of these steps are the longest time that a server can make a client wait for one answer. They are repeated for each answer that is
      // still missing.
      for (let i = 0; i < 80 && chaos.outcomes.length < chaos.begun; i++) await chaos.advance(120_000);

      expect(chaos.outcomes).toHaveLength(chaos.begun);
      for (const { error } of chaos.outcomes) if (error !== undefined) expect(error).toBeInstanceOf(StreamerError);
      chaos.client.close();
    }),
    { numRuns: 150 },
  );
  await new Promise(setImmediate);
  expect(unhandled).toEqual([]);
});

test('A message without any answer is sent only a few times over one connection', async () => {
  await fc.assert(
    fc.asyncProperty(deeds, async (acts) => {
      const chaos = new Chaos(Array.from({ length: 200 }, () => 'silence' as const));
      for (const next of acts) await chaos.act(next);
      const asked = [...chaos.copies].filter(([key]) => /,(request|publish),/.test(key)).map(([, copies]) => copies);
      expect(Math.max(0, ...asked)).toBeLessThanOrEqual(LIMITS.sends);
      chaos.client.close();
    }),
    { numRuns: 60 },
  );
});
