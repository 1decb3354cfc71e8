import { base64url } from '../util/base64';
import { randomBytes } from '../util/random-id';
import { StreamerError } from '../wire/errors';

/** As much of `localStorage` as a visitor's secret needs. */
export interface VisitorStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** Where a visitor's secret is kept. */
export interface VisitorTokenOptions {
  /** Where the secret is kept. Default: `localStorage`; where there is none, or it refuses, the memory of this page or process. */
  readonly storage?: VisitorStorage;
  /** Its name there. Default: `streamer-visitor`. Two APIs with one key see the same visitor. */
  readonly key?: string;
}

/** 256 bits in base64url, as the server takes them. */
const SECRET = /^[\w-]{43,128}$/;
const SECRET_BYTES = 32;

/**
 * The token of a visitor without a login, for an API with `StreamerAuth.none()`: a secret that this client makes at the first use and keeps.
 * Whoever has it is that visitor; whoever loses it is another one.
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

/** What the storage refuses stays in memory. */
function load(storage: VisitorStorage | undefined, key: string): string {
  const kept = attempt(() => storage?.getItem(key));
  if (typeof kept === 'string' && SECRET.test(kept)) return kept;
  const secret = newSecret();
  attempt(() => storage?.setItem(key, secret));
  return secret;
}

/** A browser may refuse even the name of it. */
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
