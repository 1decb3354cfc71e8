import { browserWake } from '../../../../client-sdks/typescript/src/connection/wake';

const NAMES = ['addEventListener', 'removeEventListener', 'document', 'navigator', 'window'] as const;
const globals = globalThis as unknown as Record<string, unknown>;
const own = NAMES.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);

afterEach(() => {
  for (const [name, descriptor] of own) {
    if (descriptor) Object.defineProperty(globalThis, name, descriptor);
    else delete globals[name];
  }
});

const pretend = (name: (typeof NAMES)[number], value: unknown) =>
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });

/** Replaces the globals by those of a page or a worker, with its events of network and visibility. */
function pretendPlatform({ page, onLine = true }: { page: boolean; onLine?: boolean }) {
  const target = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  pretend('addEventListener', target.addEventListener.bind(target));
  pretend('removeEventListener', target.removeEventListener.bind(target));
  const navigator = { onLine };
  pretend('navigator', navigator);
  if (page) pretend('document', document);
  return { target, document, navigator };
}

test('In a page, the client wakes when the network is available again or the page becomes visible, not when it is hidden', () => {
  const { target, document } = pretendPlatform({ page: true });
  const callback = jest.fn();
  const stop = browserWake(
    callback,
    () => undefined,
    () => undefined,
  );
  target.dispatchEvent(new Event('online'));
  document.dispatchEvent(new Event('visibilitychange'));
  document.visibilityState = 'hidden';
  document.dispatchEvent(new Event('visibilitychange'));
  expect(callback).toHaveBeenCalledTimes(2);

  stop();
  document.visibilityState = 'visible';
  target.dispatchEvent(new Event('online'));
  document.dispatchEvent(new Event('visibilitychange'));
  expect(callback).toHaveBeenCalledTimes(2);
});

test('In a page, the client is notified before the page is frozen, and wakes when it resumes', () => {
  const { document } = pretendPlatform({ page: true });
  const [online, freeze] = [jest.fn(), jest.fn()];
  const stop = browserWake(online, () => undefined, freeze);
  document.dispatchEvent(new Event('freeze'));
  expect([online, freeze].map(({ mock }) => mock.calls.length)).toEqual([0, 1]);
  document.dispatchEvent(new Event('resume'));
  expect([online, freeze].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  stop();
  for (const type of ['freeze', 'resume']) document.dispatchEvent(new Event(type));
  expect([online, freeze].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
});

test.each([true, false])('The client is notified that the network is lost, in a page: %p', (page) => {
  const { target } = pretendPlatform({ page });
  const [online, offline] = [jest.fn(), jest.fn()];
  const stop = browserWake(online, offline, () => undefined);
  expect(offline).not.toHaveBeenCalled();
  target.dispatchEvent(new Event('offline'));
  target.dispatchEvent(new Event('online'));
  expect([online, offline].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  stop();
  target.dispatchEvent(new Event('offline'));
  expect(offline).toHaveBeenCalledTimes(1);
});

test('A client in a page without a network is notified of that, and does not wake when the page becomes visible', () => {
  const { document, navigator } = pretendPlatform({ page: true, onLine: false });
  const [online, offline] = [jest.fn(), jest.fn()];
  browserWake(online, offline, () => undefined);
  expect(offline).toHaveBeenCalledTimes(1);
  document.dispatchEvent(new Event('visibilitychange'));
  expect(online).not.toHaveBeenCalled();
  navigator.onLine = true;
  document.dispatchEvent(new Event('visibilitychange'));
  expect(online).toHaveBeenCalledTimes(1);
});

test.each([
  ['Node', {}],
  ['React Native, whose window has no events', { window: {}, navigator: { product: 'ReactNative' } }],
  ['a document without events', { document: {} }],
])('Nothing happens in %s', (_, platform) => {
  for (const [name, value] of Object.entries(platform)) pretend(name as never, value);
  const callback = jest.fn();
  expect(() => browserWake(callback, callback, callback)()).not.toThrow();
  expect(callback).not.toHaveBeenCalled();
});
