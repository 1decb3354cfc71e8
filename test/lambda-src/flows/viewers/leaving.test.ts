import { LEFT } from '../../../../lambda-src/core/leaving';
import { redrive } from '../../../../lambda-src/core/redrive';
import type { RequestItem } from '../../../../lambda-src/core/request';
import { renew } from '../../../../lambda-src/core/transitions';
import { UncertainWrite } from '../../../../lambda-src/core/write';
import { type ProcessDeps, processMessage, type WatchedAttempt } from '../../../../lambda-src/flows/attempt/process';
import { type Connection, connect, disconnect } from '../../../../lambda-src/flows/connect/connection';
import type { RunHandler } from '../../../../lambda-src/flows/handlers/context';
import { writeTimeOf } from '../../../../lambda-src/flows/ports';
import { acceptRequest } from '../../../../lambda-src/flows/requests/accept';
import { attach } from '../../../../lambda-src/flows/requests/attach';
import { cancel } from '../../../../lambda-src/flows/requests/cancel';
import { submit } from '../../../../lambda-src/flows/submit/submit';
import { cancelIfLeft } from '../../../../lambda-src/flows/viewers/leaving';
import type { HandlerContext } from '../../../../lambda-src/handler';
import { ALICE, ALICE_PHONE, Bench } from '../../support/bench';

const MINUTE_MS = 60_000;
const CONFIG = { maxAttempts: 3, cancelAfterMs: MINUTE_MS };
const MESSAGE = { type: 'request', id: 'r1', action: 'report', input: { n: 1 } } as const;
const KEY = 'acme#alice#r1';
const REASON = { code: 'CANCELLED', details: { reason: 'all viewers have left' } };

let bench: Bench;
let alice: Connection;
let phone: Connection;
let watched: WatchedAttempt | undefined;
beforeEach(async () => {
  bench = new Bench();
  // A connection lasts two hours at most, so these connections must have begun recently.
  alice = { ...ALICE, connectedAt: bench.platform.now() };
  phone = { ...ALICE_PHONE, connectedAt: bench.platform.now() };
  await bench.connect(alice, phone);
  watched = undefined;
});
afterEach(() => expect(bench.platform.sleeping).toBe(0));

const send = (config: object = CONFIG) => acceptRequest(bench.deps, alice, MESSAGE, { ...CONFIG, ...config });
const watch = (connection: Connection) => attach(bench.deps, connection, { type: 'attach', id: 'r1', offset: 0 });
const leave = (connection: Connection) => disconnect(bench.deps, connection);
const comeBack = async (connectionId: string): Promise<Connection> => {
  const connection = { ...alice, connectionId, connectedAt: bench.platform.now() };
  await connect(bench.deps, connection);
  await watch(connection);
  return connection;
};
const viewers = () => bench.memory.all('subscriptions');
const errorOf = ({ outcome }: RequestItem) => outcome?.kind === 'error' && JSON.parse(outcome.error);

type Context = HandlerContext<never, Record<string, unknown>>;
function work(run: (context: Context) => unknown): Promise<unknown> {
  const deps: ProcessDeps = {
    ...bench.deps,
    heartbeat: {
      start: async (_, __, attempt) => {
        watched = attempt;
      },
      sawHead: () => undefined,
      handlerEnded: () => undefined,
      stop: () => undefined,
    },
    noteStart: async () => undefined,
    run: run as RunHandler,
    parseInput: async (input) => input,
    progressRate: 10,
    retryBackoff: { baseMs: 1_000, maxMs: 30_000 },
  };
  const functionEndsAt = bench.platform.now() + 900_000;
  return processMessage(deps, { messageId: 'm1', body: { requestKey: KEY }, functionEndsAt });
}
const never = () => {
  throw new Error('the handler must not run');
};
/** Runs until its signal fires. */
const untilStopped = ({ signal }: Context) =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined)));

describe('the subscriptions of viewers', () => {
  test('the sender of a request gets a subscription before the request is stored', async () => {
    await send();

    expect(viewers()).toMatchObject([{ channel: `${KEY}#id-2#0`, connectionId: 'c-alice', user: 'alice', run: 1 }]);
    expect(bench.written.slice(-2).map(({ table }) => table)).toEqual(['subscriptions', 'requests']);
    expect(await bench.stored()).toMatchObject({ cancelAfterMs: MINUTE_MS });
  });

  test('a request that continues without viewers costs one write, and its subscriptions do not stay', async () => {
    bench.written.length = 0;
    await bench.request('r1', { n: 1 }, alice);
    expect(bench.written.map(({ table }) => table)).toEqual(['requests']);

    await watch(phone);
    expect(viewers()[0]).not.toHaveProperty('run');
    bench.written.length = 0;
    await leave(phone);
    expect(bench.written.map(({ kind, table }) => `${kind} ${table}`).sort()).toEqual([
      'delete connections',
      'delete subscriptions',
    ]);
    expect(viewers()).toEqual([]);
  });

  test('the subscription of a viewer that leaves stays in the table for the retention, with the time', async () => {
    await send();
    await bench.platform.advance(5_000);
    await leave(alice);

    const now = bench.platform.now();
    const { run, connectedAt } = { run: 1, connectedAt: alice.connectedAt };
    const expiresAt = Math.floor(now / 1000) + 86_400;
    expect(viewers()).toMatchObject([
      { connectionId: 'c-alice', user: 'alice', run, connectedAt, leftAt: now, expiresAt },
    ]);
  });

  test('a viewer leaves once, and a later notification does not change the time', async () => {
    await send();
    await leave(alice);
    const [first] = viewers();
    await bench.platform.advance(5_000);
    await leave(alice);

    expect(viewers()).toEqual([first]);
  });

  test('the end of an earlier connection with the same id does not end the subscription', async () => {
    await send();
    await leave({ ...alice, connectedAt: 1 });

    expect(viewers()[0]).not.toHaveProperty('leftAt');
  });

  test('a request of a connection that has ended is refused, and not stored', async () => {
    await leave(alice);

    await expect(send()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(bench.memory.all('requests')).toEqual([]);
  });

  test('a repeated request is answered with its state, although the write of its subscription fails', async () => {
    await send();
    bench.beforeStore = (call) => {
      if (call !== 'transact') return;
      bench.beforeStore = () => undefined;
      throw new UncertainWrite(new Error('no answer'));
    };

    expect(await send()).toMatchObject({ status: 'PENDING', replayed: true });
  });

  test('nothing is sent to a viewer that has left', async () => {
    await send();
    await watch(phone);
    await leave(alice);
    await work(() => 1);

    expect(bench.to(alice)).toEqual([]);
    expect(bench.to(phone).length).toBeGreaterThan(1);
  });
});

describe('a request that runs', () => {
  const start = async () => {
    await send();
    const working = work(untilStopped);
    await bench.platform.advance(5_000);
    return { working };
  };

  test('a request is cancelled when the time after the leaving of its only viewer is over', async () => {
    const { working } = await start();
    await leave(alice);
    await bench.platform.advance(MINUTE_MS - 1);
    expect(await bench.stored()).toMatchObject({ status: 'RUNNING' });
    await bench.platform.advance(1_001);

    expect(await working).toBe('done');
    const request = await bench.stored();
    expect(request).toMatchObject({ status: 'CANCELLED', attempt: 1, cancelReason: LEFT.cancelReason });
    expect(errorOf(request)).toMatchObject(REASON);
    expect(request.attempts).toMatchObject([{ run: 1, attempt: 1, error: { code: 'CANCELLED' } }]);
    expect(await bench.entries(request)).toMatchObject([{ name: '$attempt' }, { kind: 'end' }]);
  });

  test('a request continues while one of its viewers is connected', async () => {
    const { working } = await start();
    await watch(phone);
    await leave(alice);
    await bench.platform.advance(3 * MINUTE_MS);
    expect(await bench.stored()).toMatchObject({ status: 'RUNNING' });
    await leave(phone);
    await bench.platform.advance(MINUTE_MS + 1_000);

    await working;
    expect(await bench.stored()).toMatchObject({ status: 'CANCELLED' });
  });

  test('a viewer that comes back in time keeps the request, and its next leaving begins the time again', async () => {
    const { working } = await start();
    await leave(alice);
    await bench.platform.advance(MINUTE_MS - 10);
    const again = await comeBack('c-again');
    await bench.platform.advance(3 * MINUTE_MS);
    expect(await bench.stored()).toMatchObject({ status: 'RUNNING' });
    await leave(again);
    await bench.platform.advance(MINUTE_MS - 10);
    expect(await bench.stored()).toMatchObject({ status: 'RUNNING' });
    await bench.platform.advance(1_010);

    await working;
    expect(errorOf(await bench.stored())).toMatchObject(REASON);
  });

  test('if a connection closes without a notification, its viewer has left when a frame cannot be delivered', async () => {
    await send();
    const working = work(async (context) => {
      await bench.platform.sleep(10_000);
      await context.emit('step');
      await untilStopped(context);
    });
    bench.answers.set('c-alice', () => 'gone');
    await bench.platform.advance(10_000 + MINUTE_MS + 1_000);

    await working;
    expect(errorOf(await bench.stored())).toMatchObject(REASON);
    expect(bench.memory.all('connections')).toHaveLength(1);
  });

  test('if no function notices the end of a connection, its viewer counts until the longest lifetime of the connection', async () => {
    await send();
    await bench.platform.advance(7_850_000);

    expect(await cancelIfLeft(bench.deps, await bench.claim())).toBeUndefined();
    await bench.platform.advance(10_000);
    expect(await cancelIfLeft(bench.deps, await bench.stored())).toEqual(LEFT);
  });

  test('the reason of an earlier cancellation by a user stays', async () => {
    await send();
    const request = await bench.claim();
    await leave(alice);
    await bench.platform.advance(MINUTE_MS);
    await bench.memory.write(renew(request, bench.platform.now()));
    await cancel(bench.deps, phone, { id: 'r1', reason: 'enough' });

    expect(await cancelIfLeft(bench.deps, request)).toEqual({ cancelReason: 'enough' });
    expect(await bench.stored()).toMatchObject({ cancelReason: 'enough' });
  });

  test('an attempt that has lost its claim stops, and cannot cancel the next attempt', async () => {
    await send({ maxAttempts: 3 });
    const first = await bench.claim();
    await leave(alice);
    await bench.platform.advance(MINUTE_MS + 1);
    await bench.claim();

    expect(await cancelIfLeft(bench.deps, first)).toEqual(LEFT);
    expect(await bench.stored()).not.toHaveProperty('cancelRequested');
  });

  test('if a read of the viewers fails, the attempt continues and reads them again', async () => {
    await send();
    const working = work(untilStopped);
    await leave(alice);
    bench.beforeStore = (call, table) => {
      if (call === 'query' && table === 'subscriptions') throw new Error('throttled');
    };
    await bench.platform.advance(2 * MINUTE_MS);
    expect(await bench.stored()).toMatchObject({ status: 'RUNNING' });
    bench.beforeStore = () => undefined;
    await bench.platform.advance(1_000);

    await working;
    expect(await bench.stored()).toMatchObject({ status: 'CANCELLED' });
  });

  test('the heartbeat gets the attributes to watch the viewers for a blocked thread, but not for other actions', async () => {
    await send();
    await work(() => 1);
    const { epoch, createdAt } = await bench.stored();
    const origin = { connectionId: 'c-alice', connectedAt: alice.connectedAt };
    const leavable = { requestKey: KEY, epoch, run: 1, fence: 1, origin, createdAt, cancelAfterMs: MINUTE_MS };
    expect(watched).toMatchObject({ leavable });

    const { requestKey } = await bench.stored();
    await bench.memory.write({ kind: 'delete', table: 'requests', key: { requestKey } });
    await bench.request('r1', { n: 1 }, alice);
    await work(() => 1);
    expect(watched).not.toHaveProperty('leavable');
  });
});

describe('a request that waits', () => {
  test('if the time without viewers is over, a request ends at its claim, and its handler does not run', async () => {
    await send();
    await leave(alice);
    await bench.platform.advance(MINUTE_MS);

    expect(await work(never)).toBe('done');
    const request = await bench.stored();
    expect(request).toMatchObject({ status: 'CANCELLED', attempt: 1 });
    expect(errorOf(request)).toMatchObject(REASON);
    expect(request.attempts).toMatchObject([{ attempt: 1, error: { code: 'CANCELLED' } }]);
    expect(await bench.entries(request)).toMatchObject([{ offset: 0, kind: 'end' }]);
  });

  test('a viewer that comes back before the claim keeps the request, even if the time is over', async () => {
    await send();
    await leave(alice);
    await bench.platform.advance(10 * MINUTE_MS);
    await comeBack('c-again');
    await work(() => 'done');

    expect(await bench.stored()).toMatchObject({ status: 'COMPLETED' });
  });

  test('the next slice does not start if all viewers have left since the previous one', async () => {
    await send();
    await work((context) => context.continue({ page: 1 }, { delay: 600 }));
    await leave(alice);
    await bench.platform.advance(10 * MINUTE_MS);
    await work(never);

    expect(await bench.stored()).toMatchObject({ status: 'CANCELLED', continued: 1 });
  });

  test('a retry does not start if all viewers have left during its delay', async () => {
    await send();
    await work(() => {
      throw new Error('broken');
    });
    await leave(alice);
    await bench.platform.advance(MINUTE_MS);
    await work(never);

    expect(await bench.stored()).toMatchObject({ status: 'CANCELLED', attempt: 2 });
  });
});

describe('a request without a viewer', () => {
  const submitted = async () => {
    const actions = new Map([['report', { kind: 'async', ...CONFIG } as const]]);
    await submit({ ...bench.deps, actions }, alice, MESSAGE);
  };

  test('a request of a program continues, until a viewer has attached and left', async () => {
    await submitted();
    expect(viewers()).toEqual([]);
    const working = work(untilStopped);
    await bench.platform.advance(3 * MINUTE_MS);
    expect(await bench.stored()).toMatchObject({ status: 'RUNNING' });
    await watch(phone);
    await leave(phone);
    await bench.platform.advance(MINUTE_MS + 1_000);

    await working;
    expect(errorOf(await bench.stored())).toMatchObject(REASON);
  });

  test('a run that an operator redrives continues, although the viewers of the previous run have left', async () => {
    await send();
    await leave(alice);
    await bench.platform.advance(MINUTE_MS);
    await work(never);
    await bench.memory.write(redrive(await bench.stored(), writeTimeOf(bench.deps)));
    await work(() => 'done');

    expect(await bench.stored()).toMatchObject({ status: 'COMPLETED', run: 2 });
  });

  test('a viewer that attaches to the next run and leaves cancels that run', async () => {
    await send();
    await leave(alice);
    await bench.platform.advance(MINUTE_MS);
    await work(never);
    await bench.memory.write(redrive(await bench.stored(), writeTimeOf(bench.deps)));
    await leave(await comeBack('c-again'));
    await bench.platform.advance(MINUTE_MS);
    await work(never);

    expect(await bench.stored()).toMatchObject({ status: 'CANCELLED', run: 2 });
  });
});
