import { base64url } from '../util/base64';
import { randomBytes } from '../util/random-id';
import { StreamerError } from '../wire/errors';

/** The members of `localStorage` that store a visitor's secret. */
export interface VisitorStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** Storage of a visitor's secret. */
export interface VisitorTokenOptions {
  /** Storage of the secret. Default: `localStorage`. If it is missing or fails, the secret is kept in the memory of this page or process. */
  readonly storage?: VisitorStorage;
  /** Key of the secret in the storage. Default: `streamer-visitor`. Two APIs with the same key see the same visitor. */
  readonly key?: string;
}

/** The format of a secret that the server accepts: at least 256 bits, in base64url. */
const SECRET = /^[\w-]{43,128}$/;
const SECRET_BYTES = 32;

/**
 * Returns the token of a visitor without a login, for an API with `StreamerAuth.none()`: a secret that is created at the first use and
 * stored. A client with the same secret is the same visitor; without the secret it becomes another one.
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

/** Reads or creates the secret; if the storage fails, it stays in memory only. */
function load(storage: VisitorStorage | undefined, key: string): string {
  const kept = attempt(() => storage?.getItem(key));
  if (typeof kept === 'string' && SECRET.test(kept)) return kept;
  const secret = newSecret();
  attempt(() => storage?.setItem(key, secret));
  return secret;
}

/** In some browsers with disabled storage, the mere access to `localStorage` throws. */
function localStorageOrNone(): VisitorStorage | undefined {
  return attempt(() => (globalThis as { localStorage?: VisitorStorage }).localStorage);
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function newSecret(): string {
  const bytes = randomBytes(SECRET_BYTES);
  if (bytes) return base64url(bytes);
  throw new StreamerError(
    'UNAUTHORIZED',
    'This platform has no `crypto.getRandomValues`, without which a secret can be guessed. Load a polyfill first, such as `react-native-get-random-values`.',
  );
}
