import { openLog } from '../../../../lambda-src/flows/attempt/reporter';
import type { Connection } from '../../../../lambda-src/flows/connect/connection';
import type { PostResult } from '../../../../lambda-src/flows/ports';
import { attach } from '../../../../lambda-src/flows/requests/attach';
import { boundedGateway } from '../../../../lambda-src/flows/viewers/post';
import { ALICE, Bench } from '../../support/bench';
import { settle } from '../../support/fake-platform';

describe('a bounded gateway', () => {
  let answers: ((result: PostResult) => void)[];
  let posted: string[];
  const post = (connectionId: string) => {
    posted.push(connectionId);
    return new Promise<PostResult>((resolve) => answers.push(resolve));
  };
  beforeEach(() => {
    answers = [];
    posted = [];
  });

  test('a bounded gateway has a limited number of posts in flight, and starts the others in the order of their arrival', async () => {
    const gateway = boundedGateway({ post }, 2);
    const results = ['a', 'b', 'c', 'd'].map((to) => gateway.post(to, ''));
    await settle();
    expect(posted).toEqual(['a', 'b']);

    answers[1]?.('gone');
    await settle();
    expect(posted).toEqual(['a', 'b', 'c']);
    answers[0]?.('sent');
    answers[2]?.('busy');
    await settle();
    answers[3]?.('refused');

    expect(await Promise.all(results)).toEqual(['sent', 'gone', 'busy', 'refused']);
  });

  test('a bounded gateway continues after a post that throws', async () => {
    let calls = 0;
    const failing = async () => {
      if (calls++ === 0) throw new Error('no network');
      return 'sent' as const;
    };
    const gateway = boundedGateway({ post: failing }, 1);
    const results = await Promise.allSettled([gateway.post('a', ''), gateway.post('b', '')]);

    expect(results).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: 'sent' }]);
  });

  test('a bounded gateway drops a post whose signal fires before it has started', async () => {
    const gateway = boundedGateway({ post }, 1);
    const { signal, abort } = ((controller) => ({ signal: controller.signal, abort: () => controller.abort() }))(
      new AbortController(),
    );
    void gateway.post('a', '');
    const dropped = gateway.post('b', '', signal);
    abort();
    answers[0]?.('sent');

    expect(await dropped).toBe('busy');
    expect(posted).toEqual(['a']);
  });
});

test('viewers that do not answer delay neither the other viewers nor the handler nor the end of the attempt', async () => {
  const bench = new Bench();
  const others: Connection[] = Array.from({ length: 10 }, (_, n) => ({ ...ALICE, connectionId: `c${n}` }));
  const slow = new Set(['c2', 'c5', 'c8']);
  await bench.connect(ALICE, ...others);
  const request = await bench.running();
  for (const connection of others) await attach(bench.deps, connection, { type: 'attach', id: 'r1', offset: 0 });
  const { post } = bench.gateway;
  let open = 0;
  let most = 0;
  bench.gateway.post = async (to, frame) => {
    most = Math.max(most, ++open);
    await (slow.has(to) ? bench.platform.sleep(60_000) : settle());
    open -= 1;
    return post(to, frame);
  };

  const deps = { ...bench.deps, gateway: boundedGateway(bench.gateway, 4) };
  const reporter = await openLog(deps, request, { ratePerSecond: 10, onStale: jest.fn() });
  const startedAt = bench.platform.now();
  for (let event = 0; event < 20; event++) await reporter.emit('step', event);
  for (let turn = 0; turn < 500; turn++) await settle();
  expect(bench.platform.now()).toBe(startedAt);
  for (const connection of [ALICE, ...others.filter(({ connectionId }) => !slow.has(connectionId))]) {
    expect(bench.to(connection).map(({ offset }) => offset)).toEqual(Array.from({ length: 21 }, (_, n) => n));
  }
  expect([most, open]).toEqual([4, slow.size]);

  const closing = reporter.close();
  await bench.platform.advance(1_000);
  await closing;
  expect(bench.platform.now()).toBe(startedAt + 1_000);
  await bench.platform.advance(60_000);
  for (const connectionId of slow) expect(bench.to({ connectionId })).toHaveLength(1);
});
