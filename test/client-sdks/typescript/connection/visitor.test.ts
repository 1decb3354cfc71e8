import { visitorToken } from 'cdk-streamer-client';
import { authorizeVisitor } from '../../../../lambda-src/flows/connect/authorize-visitor';

/** Stores values in memory, with the interface of `localStorage`. */
class Storage {
  public readonly items = new Map<string, string>();
  public getItem = (key: string) => this.items.get(key) ?? null;
  public setItem = (key: string, value: string) => void this.items.set(key, value);
}

const global = globalThis as { localStorage?: unknown };
const own = Object.getOwnPropertyDescriptor(globalThis, 'localStorage');
afterEach(() => {
  if (own) Object.defineProperty(globalThis, 'localStorage', own);
  else delete global.localStorage;
});

/** Replaces the global `localStorage` during a test. */
const withLocalStorage = (get: () => unknown) =>
  Object.defineProperty(globalThis, 'localStorage', { configurable: true, get });

test('the secret is created at the first use, stored, and found by the next page', () => {
  const storage = new Storage();
  const token = visitorToken({ storage });
  expect(storage.items.size).toBe(0);

  expect(token()).toMatch(/^[\w-]{43}$/);
  expect(token()).toBe(token());
  expect([...storage.items]).toEqual([['streamer-visitor', token()]]);
  expect(visitorToken({ storage })()).toBe(token());
});

test('the server accepts the secret', () => {
  const headers = { authorization: `Bearer ${visitorToken({ storage: new Storage() })()}` };

  expect(authorizeVisitor({ allowedOrigins: [] }, { methodArn: 'arn', headers })).toHaveProperty('context.user');
});

test('another key means another visitor', () => {
  const storage = new Storage();

  expect(visitorToken({ storage, key: 'a' })()).not.toBe(visitorToken({ storage, key: 'b' })());
  expect([...storage.items.keys()]).toEqual(['a', 'b']);
});

test.each([
  '',
  'ann',
  'x'.repeat(42),
  `${'x'.repeat(43)}=`,
])('a stored value that is not a secret (%j) is replaced', (kept) => {
  const storage = new Storage();
  storage.setItem('streamer-visitor', kept);

  expect(visitorToken({ storage })()).toMatch(/^[\w-]{43}$/);
  expect(storage.getItem('streamer-visitor')).not.toBe(kept);
});

test("a browser's localStorage is the default", () => {
  const storage = new Storage();
  withLocalStorage(() => storage);
  const secret = visitorToken()();

  expect(storage.getItem('streamer-visitor')).toBe(secret);
});

test.each<[string, () => unknown]>([
  ['is not there', () => undefined],
  [
    'may not be touched',
    () => {
      throw new Error('SecurityError');
    },
  ],
  [
    'is full',
    () => ({
      getItem: () => null,
      setItem: () => {
        throw new Error('QuotaExceededError');
      },
    }),
  ],
])('if localStorage %s, the secret is kept as long as the page', (_, get) => {
  withLocalStorage(get);
  const token = visitorToken();

  expect(token()).toMatch(/^[\w-]{43}$/);
  expect(token()).toBe(token());
  expect(visitorToken()()).not.toBe(token());
});
