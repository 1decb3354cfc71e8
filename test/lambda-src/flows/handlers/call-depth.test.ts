import { decodeRequest } from '../../../../lambda-src/core/request';
import { processMessage } from '../../../../lambda-src/flows/attempt/process';
import { dispatch } from '../../../../lambda-src/flows/dispatch/dispatch';
import type { Deps, OutgoingMessage } from '../../../../lambda-src/flows/ports';
import { acceptRequest } from '../../../../lambda-src/flows/requests/accept';
import type { HandlerContext } from '../../../../lambda-src/handler';
import { ALICE, Bench } from '../../support/bench';
import { settle } from '../../support/fake-platform';

/**
 * AWS calls that one async request makes one after another. Calls that are made concurrently are one step.
 *
 * Each call is held until nothing else can continue. All calls that are then held are one step.
 */
class Steps {
  public readonly taken: string[][] = [];
  private held: { readonly name: string; readonly release: () => void }[] = [];

  public readonly hold = (name: string): Promise<void> =>
    new Promise((release) => {
      this.held.push({ name, release });
    });

  public async until<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    void work.finally(() => {
      isDone = true;
    });
    for (await settle(); !isDone; await settle()) {
      const held = this.held.splice(0);
      if (held.length === 0) throw new Error('nothing is under way');
      this.taken.push(held.map(({ name }) => name));
      for (const { release } of held) release();
    }
    return work;
  }
}

let bench: Bench;
let steps: Steps;
let startedAfter: number;
beforeEach(async () => {
  bench = new Bench();
  await bench.connect(ALICE);
  steps = new Steps();
});

async function runRequest(handler: (context: HandlerContext) => unknown): Promise<void> {
  bench.beforeStore = (call, table) => steps.hold(`${call} ${table}`);
  const gateway = { post: (to: string, text: string) => steps.hold('post').then(() => bench.gateway.post(to, text)) };
  const deps: Deps = { ...bench.deps, gateway };
  const message = { type: 'request', id: 'r1', action: 'report', input: { n: 1 } } as const;
  await steps.until(acceptRequest(deps, ALICE, message, { maxAttempts: 3 }));

  const sent: OutgoingMessage[] = [];
  const queues = {
    serves: () => true,
    deadLetter: () => steps.hold('dead letter'),
    send: async (_: string, messages: readonly OutgoingMessage[]) => {
      await steps.hold('send');
      sent.push(...messages);
      return [];
    },
  };
  const request = decodeRequest(bench.memory.all('requests')[0] ?? {});
  await steps.until(dispatch({ ...deps, queues }, [{ sequenceNumber: '1', request }]));

  const processing = processMessage(
    {
      ...deps,
      // A process makes this call once in ten minutes. It does not delay the other calls.
      noteStart: async () => undefined,
      heartbeat: {
        start: () => steps.hold('hide'),
        sawHead: () => undefined,
        handlerEnded: () => undefined,
        stop: () => undefined,
      },
      run: (context) => {
        startedAfter = steps.taken.length;
        return handler(context as never);
      },
      parseInput: async (input) => input,
      progressRate: 10,
      retryBackoff: { baseMs: 1_000, maxMs: 30_000 },
    },
    {
      messageId: 'm1',
      body: sent[0]?.body ?? { requestKey: '' },
      functionEndsAt: bench.platform.now() + 300_000,
    },
  );
  await steps.until(processing);
}

test('an async request makes four AWS calls in sequence before its handler starts, and eight in all', async () => {
  await runRequest(() => 'done');

  expect(steps.taken.slice(0, startedAfter)).toEqual([
    ['put requests'],
    ['send'],
    ['update requests'],
    ['hide', 'put events'],
  ]);
  // The frame of the marker is being posted at the same time.
  expect(steps.taken.slice(startedAfter).map((step) => step.filter((call) => call !== 'post').join())).toEqual([
    'query subscriptions,get connections,update requests',
    'put events',
    'query subscriptions',
    '',
  ]);
  expect(bench.to(ALICE).map(({ type }) => type)).toEqual(['event', 'result']);
});

test('a result in a separate item costs one more call, and is not read again', async () => {
  await runRequest(() => 'x'.repeat(5_000));

  expect(steps.taken.length).toBe(9);
  expect(steps.taken.flat()).not.toContain('get events');
});

test('an event costs one call, because nothing waits for a viewer', async () => {
  await runRequest(async ({ emit }) => {
    for (let event = 0; event < 5; event++) await emit('part', event);
  });

  expect(steps.taken.length).toBe(8 + 5);
});
