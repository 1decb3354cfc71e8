import { StreamerClient } from '../../../../client-sdks/typescript/src';
import { createStreamerServer } from '../../../../client-sdks/typescript/src/server';
import { connected, failureOf, start, TOKEN } from '../support/client-world';
import { settled } from '../support/virtual-clock';

/** Invalid numbers, and values that only resemble numbers. */
const NONE = [Number.NaN, -1, null, '5', {}, Number.NEGATIVE_INFINITY];
const invalid = (name: string) =>
  expect.objectContaining({
    name: 'StreamerError',
    code: 'INVALID_MESSAGE',
    message: expect.stringContaining(`\`${name}\``),
  });

test.each(NONE)('%p is not a valid time for a request', async (value) => {
  const { client, network } = start();
  for (const name of ['timeoutMs', 'ackTimeoutMs']) {
    await expect(failureOf(client.request('report', 1, { [name]: value }))).resolves.toEqual(invalid(name));
    await expect(failureOf(client.attach('report', { id: 'r' }, { [name]: value }))).resolves.toEqual(invalid(name));
  }
  await settled();
  expect(network.sockets).toHaveLength(0);
});

test.each([
  'ackTimeoutMs',
  'watchMs',
  'pingMs',
  'pongTimeoutMs',
  'reconnectBaseMs',
  'reconnectSpreadMs',
  'reconnectMaxMs',
  'wakeTimeoutMs',
  'moveAfterMs',
  'moveSpreadMs',
  'connectTimeoutMs',
])('%s of a client must be a time, and may be undefined', (name) => {
  for (const value of NONE) {
    const timing = { [name]: value } as never;
    expect(() => new StreamerClient('wss://a.example', { token: TOKEN, timing })).toThrow(invalid(name));
  }
  start({ timing: { [name]: undefined } });
});

test('The bound of a random delay must be finite; every other time may be infinite', () => {
  for (const name of ['reconnectMaxMs', 'moveSpreadMs']) {
    expect(() => start({ timing: { [name]: Number.POSITIVE_INFINITY } })).toThrow(invalid(name));
  }
  start({ timing: { pingMs: Number.POSITIVE_INFINITY, ackTimeoutMs: Number.POSITIVE_INFINITY } });
});

test.each([
  ['for ever', Number.POSITIVE_INFINITY],
  ['30 days', 30 * 24 * 3_600_000],
])('A request waits %s', async (_, timeoutMs) => {
  const { client, network, clock } = await connected();
  const outcome = client.request('report', 1, { timeoutMs });
  await clock.advance(60_000 / 2);
  network.newest.frame({ type: 'response', id: 'r-1', result: 1 });
  await expect(outcome).resolves.toBe(1);
});

test('With an infinite ack timeout, a request is sent once per connection', async () => {
  const { client, network, clock } = await connected();
  client.request('book', 1, { ackTimeoutMs: Number.POSITIVE_INFINITY }).catch(() => undefined);
  await clock.advance(3_600_000 / 60);
  expect(network.takeFrames()).toEqual([{ type: 'request', id: 'r-1', action: 'book', input: 1 }]);
});

describe('A position that was stored', () => {
  test.each([
    ...[null, -1, 1.5, '0', Number.NaN, 2 ** 53].flatMap((value) => [
      ['offset', value],
      ['run', value],
      ['attempt', value],
    ]),
    ['percentage', 101],
    ['percentage', null],
    ['epoch', ''],
    ['epoch', null],
    ['ref', 7],
  ])('A position that was stored with the %s %p is refused', async (name, value) => {
    const { client } = start();
    const position = { id: 'r', [name as string]: value };
    await expect(failureOf(client.attach('report', position))).resolves.toEqual(invalid(name as string));
  });

  test.each([null, undefined, 'r', 7])('a stored position that is %p is refused', async (to) => {
    await expect(failureOf(start().client.attach('report', to as never))).resolves.toMatchObject({
      name: 'StreamerError',
      code: 'INVALID_MESSAGE',
    });
  });

  test.each([
    null,
    -1,
    1.5,
    '0',
    Number.NaN,
  ])('A position that was stored with the offset %p subscribes to nothing', (offset) => {
    const { client } = start();
    const options = { offset, onMessage: () => undefined } as never;
    expect(() => client.subscribe('news', options)).toThrow(invalid('offset'));
    expect(() => client.subscribe('news', { onMessage: () => undefined })).not.toThrow();
  });
});

test.each([null, undefined, {}, { onMessage: 'x' }])('A topic is not subscribed to with the options %p', (options) => {
  expect(() => start().client.subscribe('news', options as never)).toThrow(invalid('onMessage'));
});

test('After an invalid signal, no timer and no listener remain', async () => {
  const { client } = await connected();
  const signal = {} as never;
  await expect(failureOf(client.request('report', 1, { id: 'a', signal }))).resolves.toEqual(invalid('signal'));
  client.request('report', 1, { id: 'a' }).catch(() => undefined);
});

test.each([0, 1.5, Number.NaN, -1])('A client for servers refuses %p as the number of attempts', (maxAttempts) => {
  expect(() => createStreamerServer({ functionName: 'f', maxAttempts })).toThrow(invalid('maxAttempts'));
});

test.each(NONE)('A client for servers refuses the timeout %p', async (timeoutMs) => {
  const lambda = { send: () => new Promise(() => undefined) };
  const submitter = createStreamerServer({ functionName: 'f', lambda }).as({ user: 'ann' });
  await expect(submitter.wait('r', { timeoutMs: timeoutMs as never })).rejects.toEqual(invalid('timeoutMs'));
  expect(() => createStreamerServer({ functionName: 'f', timing: { pollMs: timeoutMs as never } })).toThrow(
    invalid('pollMs'),
  );
});

test.each([
  ['1e999', undefined],
  ['1e15', 1e15],
])('A delay of %s s from a server does not fail the client', async (text, seconds) => {
  const { client, network } = await connected();
  const failure = failureOf(client.request('report'));
  network.newest.message(
    `{"type":"error","id":"r-1","offset":0,"run":1,"error":{"code":"BUSY","message":"","retryable":true,"retryAfter":${text}}}`,
  );
  const error = await failure;
  expect(error.code).toBe('BUSY');
  expect(error.retryAfter).toBe(seconds);
});
