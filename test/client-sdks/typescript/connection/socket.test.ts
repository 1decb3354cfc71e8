import { checkUrl, resolveWebSocket, statusOf } from '../../../../client-sdks/typescript/src/connection/socket';

class Given {}

describe('the choice of a WebSocket', () => {
  const platform = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
  afterEach(() => {
    if (platform) Object.defineProperty(globalThis, 'WebSocket', platform);
    else Reflect.deleteProperty(globalThis, 'WebSocket');
  });
  const platformHas = (value: unknown) => Object.defineProperty(globalThis, 'WebSocket', { value, configurable: true });

  test('the client uses the given WebSocket class, otherwise that of the platform', () => {
    class Own {}
    platformHas(Own);
    expect(resolveWebSocket(Given as never)).toBe(Given);
    expect(resolveWebSocket(undefined)).toBe(Own);
  });

  test('where there is no WebSocket, the error explains how to get one', () => {
    platformHas(undefined);
    expect(() => resolveWebSocket(undefined)).toThrow(
      expect.objectContaining({
        code: 'CONNECT_FAILED',
        retryable: false,
        message: expect.stringContaining('npm install ws'),
      }),
    );
  });
});

test.each(['wss://a.example/v1', 'ws://127.0.0.1:4000/v1'])('%s is a valid URL', (url) => {
  expect(() => checkUrl(url)).not.toThrow();
});

test.each([
  'https://a.example/secret',
  'wss://a.example/v1#secret',
  'a.example/secret',
  'wss:///secret',
  'wss:secret',
  '',
  undefined as never,
])('%p is not a valid URL, and the error does not contain it', (url) => {
  expect(() => checkUrl(url)).toThrow(
    expect.objectContaining({ code: 'CONNECT_FAILED', message: expect.stringContaining('must begin with `wss://`') }),
  );
  expect(() => checkUrl(url)).not.toThrow(/secret/);
});

test.each([
  [{ message: 'Unexpected server response: 401' }, 401],
  [{ message: 'Unexpected server response: 4011' }, undefined],
  [{ message: 'socket hang up' }, undefined],
  [{}, undefined],
  [undefined, undefined],
])('the HTTP status in %p is %p', (event, status) => {
  expect(statusOf(event)).toBe(status);
});
