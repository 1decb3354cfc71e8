import { listFields } from '../../../client-sdks/typescript/src/wire/encode';
import { connected, failureOf, start } from './support/client-world';
import { settled } from './support/virtual-clock';

const row = {
  id: 'r-9',
  action: 'report',
  status: 'RUNNING',
  createdAt: 1,
  epoch: 'e1',
  ref: 'ref',
  run: 1,
  attempt: 1,
  input: { year: 2024 },
  progress: { percentage: 40 },
};

test('A list resolves with the page of its own answer', async () => {
  const { client, network } = await connected();
  const [first, second] = [client.requests(), client.requests({ status: 'RUNNING', limit: 1 })];
  expect(network.takeFrames()).toEqual([
    { type: 'list', id: 'r-1' },
    { type: 'list', id: 'r-2', status: ['RUNNING'], limit: 1 },
  ]);
  network.newest.frame({ type: 'requests', id: 'r-2', requests: [row], cursor: 'c' });
  network.newest.frame({ type: 'requests', id: 'r-1', requests: [] });
  expect(await first).toEqual({ requests: [] });
  expect(await second).toEqual({ requests: [row], cursor: 'c' });
});

test('A list opens the connection, and a client that is closed fails it', async () => {
  const { client, network } = start();
  const failure = failureOf(client.requests());
  await settled();
  network.newest.accept();
  expect(network.takeFrames()).toEqual([{ type: 'list', id: 'r-1' }]);
  client.close();
  expect(await failure).toMatchObject({ code: 'CLIENT_CLOSED' });
  expect(await failureOf(client.requests())).toMatchObject({ code: 'CLIENT_CLOSED' });
});

test('An answer that does not conform to the protocol is dropped', async () => {
  const { client, network, clock } = await connected();
  const page = client.requests();
  const { status: _, ...incomplete } = row;
  for (const requests of [undefined, {}, [1], [incomplete], [{ ...row, progress: { percentage: 101 } }]])
    network.newest.frame({ type: 'requests', id: 'r-1', requests });
  network.newest.frame({ type: 'requests', id: 'r-1', requests: [], cursor: '' });
  network.takeFrames();
  await clock.advance(8_000);
  expect(network.takeFrames()).toEqual([{ type: 'list', id: 'r-1' }]);
  network.newest.frame({ type: 'requests', id: 'r-1', requests: [row] });
  expect(await page).toEqual({ requests: [row] });
});

test('A refusal without `for` concerns the list with that id', async () => {
  const { client, network } = await connected();
  const failure = failureOf(client.requests());
  const error = { code: 'UNSUPPORTED_TYPE', message: 'Not served.', retryable: false };
  network.newest.frame({ type: 'error', id: 'r-1', error });
  expect(await failure).toMatchObject({ code: 'UNSUPPORTED_TYPE' });
});

test('A list that is not answered three times over a working connection fails', async () => {
  const { client, network, clock } = await connected();
  const failure = failureOf(client.requests());
  await clock.advance(8_000 + 16_000);
  network.newest.frame({ type: 'pong' });
  await clock.advance(30_000);
  expect(await failure).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
});

test.each([
  ['action', { action: '1st' }],
  ['status', { status: 'DONE' }],
  ['status', { status: [] }],
  ['limit', { limit: 0 }],
  ['limit', { limit: 51 }],
  ['limit', { limit: 1.5 }],
  ['cursor', { cursor: '' }],
])('A list with an invalid %s is refused before it is sent: %j', async (field, options) => {
  const { client, network } = await connected();
  const failure = await failureOf(client.requests(options as never));
  expect(failure).toMatchObject({ code: 'INVALID_MESSAGE', message: expect.stringContaining(`\`${field}\``) });
  expect(network.takeFrames()).toEqual([]);
});

test('A status that is given twice is sent once', () => {
  expect(listFields({ status: ['PENDING', 'PENDING', 'RUNNING'] })).toMatchObject({ status: ['PENDING', 'RUNNING'] });
});
