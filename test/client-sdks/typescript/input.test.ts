import { connected, failureOf, start } from './support/client-world';
import { ack } from './support/frames';
import { settled } from './support/virtual-clock';

const input = (id: string, data: unknown) => ({ type: 'input', id, request: 'r-1', name: 'approve', data });
const acked = (id: string) => ({ type: 'ack', for: 'input', id, request: 'r-1' });

test('A handle sends messages after the acknowledgment of its request, in the order of the calls', async () => {
  const { client, network } = await connected();
  const handle = client.request('report');
  handle.catch(() => undefined);
  const sent = [handle.send('approve', 1, { id: 'i-1' }), handle.send('approve', 2, { id: 'i-2' })];
  await settled();
  expect(network.takeFrames()).toEqual([{ type: 'request', id: 'r-1', action: 'report' }]);
  network.newest.frame(ack());
  await settled();
  expect(network.takeFrames()).toEqual([input('i-1', 1)]);
  network.newest.frame(acked('i-1'));
  await settled();
  expect(network.takeFrames()).toEqual([input('i-2', 2)]);
  network.newest.frame(acked('i-2'));
  await Promise.all(sent);
});

test('A client that is closed fails the messages that it has not sent, and those without an acknowledgment', async () => {
  const { client } = await connected();
  client.request('report').catch(() => undefined);
  const held = [
    failureOf(client.send('report', 'r-1', 'approve', 1)),
    failureOf(client.send('report', 'r-1', 'approve')),
  ];
  const other = [
    failureOf(client.send('report', 'r-9', 'approve', 1)),
    failureOf(client.send('report', 'r-9', 'approve')),
  ];
  await settled();
  client.close();
  for (const failure of [...held, ...other]) expect(await failure).toMatchObject({ code: 'CLIENT_CLOSED' });
  expect(await failureOf(client.send('report', 'r-1', 'approve'))).toMatchObject({ code: 'CLIENT_CLOSED' });
});

test.each([
  ['`id` of the request', 'a/b', 'approve', 1],
  ['`name`', 'r-1', '1st', 1],
])('A message with an invalid %s is refused before it is sent', async (field, id, name, data) => {
  const { client, network } = start();
  const failure = await failureOf(client.send('report', id, name, data));
  expect(failure).toMatchObject({ code: 'INVALID_MESSAGE', message: expect.stringContaining(field) });
  expect(network.takeFrames()).toEqual([]);
});
