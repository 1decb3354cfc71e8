import { connected, failureOf } from './support/client-world';
import { ack } from './support/frames';

const error = { code: 'ODD', message: 'Odd.', retryable: false };
const failure = { type: 'error', id: 'r-1', offset: 1, run: 1, error };
const marker = (run: number, fence: number, offset: number) => ({
  ...{ type: 'event', id: 'r-1', name: '$attempt', run, attempt: 1, fence, offset },
});

async function failedRequest(onRedrive?: () => void) {
  const world = await connected();
  const outcome = failureOf(world.client.request('async', undefined, { onRedrive }));
  for (const frame of [ack(), marker(1, 1, 0), failure]) world.network.newest.frame(frame);
  await expect(outcome).resolves.toMatchObject({ code: 'ODD' });
  return { world, outcome };
}

test('A promise that was rejected stays rejected when the request runs again, and the application is notified once', async () => {
  let redriven = 0;
  const { world, outcome } = await failedRequest(() => redriven++);
  world.network.newest.frame(failure);
  expect(redriven).toBe(0);

  world.network.newest.frame(marker(2, 2, 2));
  world.network.newest.frame({ type: 'result', id: 'r-1', offset: 3, run: 2, result: 1 });
  expect(redriven).toBe(1);
  await expect(outcome).resolves.toMatchObject({ code: 'ODD' });
});

test('An application that attaches when it is notified gets the result of the new run', async () => {
  const worlds: { attached?: Promise<unknown> } = {};
  const { world } = await failedRequest(() => {
    worlds.attached = world.client.attach('async', { id: 'r-1', offset: 2 });
  });
  world.network.newest.frame(marker(2, 2, 2));
  world.network.newest.frame({ ...ack(), run: 2, status: 'RUNNING', offset: 3, entries: [marker(2, 2, 2)] });
  world.network.newest.frame({ type: 'result', id: 'r-1', offset: 3, run: 2, result: 'better' });

  await expect(worlds.attached).resolves.toBe('better');
});

test('Without a listener, and after the connection was lost, frames of a new run are dropped', async () => {
  const { world } = await failedRequest();
  world.network.newest.frame(marker(2, 2, 2));
  let redriven = 0;
  const other = await failedRequest(() => redriven++);
  other.world.network.newest.end(1006);
  await other.world.clock.advance(20_000);
  other.world.network.newest.accept();
  other.world.network.newest.frame(marker(2, 2, 2));

  expect(redriven).toBe(0);
});
