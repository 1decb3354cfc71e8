import { attempt } from '../util/attempt';
import { base64url } from '../util/base64';
import { randomBytes } from '../util/random-id';
import { StreamerError } from '../wire/errors';

/** The members of `localStorage` that the client uses to store a visitor's secret. */
export interface VisitorStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** Options of `visitorToken`. */
export interface VisitorTokenOptions {
  /**
   * Storage of the secret. Default: `localStorage`. If the storage is missing or fails, the secret is kept only in the memory of this page or
   * process.
   */
  readonly storage?: VisitorStorage;
  /** Key of the secret in the storage. Default: `streamer-visitor`. If two APIs use the same key, a visitor has the same secret for both. */
  readonly key?: string;
}

/** Matches a secret that the server accepts. `visitorToken` creates 256 bits in base64url. */
const SECRET = /^[\w-]{43,128}$/;
const SECRET_BYTES = 32;

/**
 * Returns the token of a visitor without a login, for an API with `StreamerAuth.none()`. The token is a secret that is created and stored at the
 * first use. Clients with the same secret are the same visitor. If the secret is lost, the client becomes another visitor.
 *
 * ```ts
 * const client = new StreamerClient(url, { token: visitorToken() });
 * ```
 */
export function visitorToken({ storage, key = 'streamer-visitor' }: VisitorTokenOptions = {}): () => string {
  let secret: string | undefined;
  return () => {
    secret ??= load(storage ?? localStorageOrNone(), key);
    return secret;
  };
}

/** Reads or creates the secret. If the storage fails, the secret is kept only in memory. */
function load(storage: VisitorStorage | undefined, key: string): string {
  const kept = attempt(() => storage?.getItem(key));
  if (typeof kept === 'string' && SECRET.test(kept)) return kept;
  const secret = newSecret();
  attempt(() => storage?.setItem(key, secret));
  return secret;
}

/** Returns `localStorage`, if there is one. In some browsers with disabled storage, merely reading the global `localStorage` throws. */
function localStorageOrNone(): VisitorStorage | undefined {
  return attempt(() => (globalThis as { localStorage?: VisitorStorage }).localStorage);
}

function newSecret(): string {
  const bytes = randomBytes(SECRET_BYTES);
  if (bytes) return base64url(bytes);
  throw new StreamerError(
    'UNAUTHORIZED',
    'This platform has no `crypto.getRandomValues`, without which a secret can be guessed. Load a polyfill first, such as `react-native-get-random-values`.',
  );
}
