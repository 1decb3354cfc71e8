import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Duration } from 'aws-cdk-lib/core';
import { StreamerApi, StreamerAuth, StreamerHandler } from 'cdk-streamer';
import { createLocalStreamer, type FaultProfile, type LocalStreamer } from 'cdk-streamer/testing';

const PROJECT = join(__dirname, '../e2e/fixture');
const running: LocalStreamer[] = [];
afterEach(async () => {
  for (const streamer of running.splice(0)) await streamer.close();
});

async function start(profile: FaultProfile | 'network', seed?: number): Promise<LocalStreamer> {
  const stack = new Stack(new App(), 'Chaos');
  const retry = { maxAttempts: 50, base: Duration.millis(100), cap: Duration.millis(200) };
  new StreamerApi(stack, 'Streamer', {
    projectRoot: PROJECT,
    auth: StreamerAuth.jwt({ issuer: 'https://issuer.example.com/', audience: ['chaos'], tenantClaim: 'tenant' }),
    handlers: { steps: StreamerHandler.async('handlers/steps.ts', { retry }) },
  });
  const streamer = await createLocalStreamer(stack, { chaos: { profile, seed } });
  running.push(streamer);
  return streamer;
}

test('requests end as without faults while connections are cut and calls fail', async () => {
  const profile: FaultProfile = {
    description: 'cut connections, failing calls',
    rules: [
      { at: 'connection', fault: 'cut', chance: 0.5, ms: [50, 500] },
      { at: 'read', fault: 'unanswered', chance: 0.1 },
      { at: 'write', fault: 'unanswered', chance: 0.1 },
      { at: 'write', fault: 'throttle', chance: 0.1 },
      { at: 'message', fault: 'duplicate', chance: 0.5 },
      { at: 'record', fault: 'duplicate', chance: 0.5 },
    ],
  };
  const streamer = await start(profile, 5);
  const client = streamer.client();
  const ids = ['a', 'b', 'c', 'd'];
  const results = await Promise.all(ids.map((id) => client.request('steps', { steps: 3, stepMs: 20 }, { id })));
  expect(results).toMatchObject(ids.map(() => ({ steps: 3 })));
  for (const id of ids) expect(await streamer.ended(id)).toMatchObject({ status: 'COMPLETED' });
  const { faults } = streamer;
  expect(faults?.seed).toBe(5);
  expect(Object.keys(faults?.injected ?? {})).toEqual(expect.arrayContaining(['write unanswered', 'read unanswered']));
  const lines = () => streamer.logs.flatMap(({ source, message }) => (source === 'chaos' ? [message] : []));
  // The run logs the faults of a second at its end.
  while (!lines().some((line) => /write (unanswered|throttle)/.test(line))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(lines()).toContain('seed 5: cut connections, failing calls');
});

test('after `stop`, no further faults occur', async () => {
  const streamer = await start({
    description: 'throttled',
    rules: [{ at: 'read', fault: 'slow', chance: 1, ms: [1, 1] }],
  });
  const client = streamer.client();
  await client.request('steps', { steps: 1, stepMs: 1 });
  const { faults } = streamer;
  faults?.stop();
  const before = { ...faults?.injected };
  expect(before['read slow']).toBeGreaterThan(0);
  await client.request('steps', { steps: 1, stepMs: 1 });
  expect(faults?.injected).toEqual(before);
});

test.each([
  [{ profile: 'nope' as 'network' }, 'there is no chaos profile "nope". The profiles are:'],
  [{ profile: 'network' as const, seed: -1 }, '`chaos.seed` must be an integer from 0 to 4294967295, got: -1'],
  [
    { profile: { description: '', rules: [{ at: 'post', fault: 'cut' as never, chance: 1 }] } },
    'rules[0] of the chaos profile: `fault` at post must be one of throttle, lose, got: cut',
  ],
])('invalid faults are refused: %j', async (chaos, message) => {
  const stack = new Stack(new App(), 'Refused');
  new StreamerApi(stack, 'Streamer', {
    projectRoot: PROJECT,
    auth: StreamerAuth.none(),
    handlers: { steps: StreamerHandler.async('handlers/steps.ts') },
  });
  await expect(createLocalStreamer(stack, { chaos: chaos as never })).rejects.toThrow(message);
});
