/** Returns an id of 128 random bits. `crypto.randomUUID` is not used, because it exists only in secure contexts. */
export function randomId(): string {
  const bytes = randomBytes(16) ?? Array.from({ length: 16 }, () => Math.floor(Math.random() * 256));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The part of the Web Crypto API that the client uses. A project without the types of browsers may lack the type of the global `crypto`. */
interface RandomSource {
  getRandomValues?(bytes: Uint8Array): Uint8Array;
}

/** Returns cryptographically random bytes; `undefined` on a platform that has none, such as React Native without a polyfill. */
export function randomBytes(count: number): Uint8Array | undefined {
  const { crypto } = globalThis as { crypto?: RandomSource };
  return crypto?.getRandomValues?.(new Uint8Array(count));
}
