/** Returns an id of 128 random bits. `crypto.randomUUID` exists only in secure contexts; this function works everywhere. */
export function randomId(): string {
  const bytes = randomBytes(16) ?? Array.from({ length: 16 }, () => Math.floor(Math.random() * 256));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The part of the Web Crypto API that is used; a project without the types of browsers may lack the global's own type. */
interface RandomSource {
  getRandomValues?(bytes: Uint8Array): Uint8Array;
}

/** Cryptographically random bytes; `undefined` on a platform without them, such as React Native without a polyfill. */
export function randomBytes(count: number): Uint8Array | undefined {
  const { crypto } = globalThis as { crypto?: RandomSource };
  return crypto?.getRandomValues?.(new Uint8Array(count));
}
