import { StreamerError } from '../wire/errors';

/** A request that ended, as a webhook and an event of the event bus describe it. */
export interface EndedRequest {
  /** Identifies this end of the request. It is the same in every delivery. Ignore an id that you have already processed. */
  readonly eventId: string;
  /** Name of the API. */
  readonly api: string;
  readonly id: string;
  readonly tenant: string;
  readonly user: string;
  readonly action: string;
  readonly status: 'COMPLETED' | 'FAILED' | 'CANCELLED';
  /** Number of the run that ended, from 1. */
  readonly run: number;
  /** Number of the last attempt of this run; 0 if no attempt started. */
  readonly attempt: number;
  /** Time as an ISO 8601 string. */
  readonly createdAt: string;
  /** Time as an ISO 8601 string, with a precision of one second. */
  readonly endedAt: string;
  /** Absent if the request completed. */
  readonly error?: { readonly code: string; readonly message: string; readonly retryable: boolean };
}

/** Body of a webhook. */
export interface StreamerWebhookEvent {
  readonly type: 'request.completed' | 'request.failed' | 'request.cancelled';
  /** Time at which the request ended, as an ISO 8601 string. */
  readonly timestamp: string;
  readonly data: EndedRequest;
}

/** Headers in the form that any server uses: a `Headers`, or an object whose names may be in upper or lower case. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Options of `verifyWebhook`. */
export interface VerifyWebhookOptions {
  /** The secret, with or without its prefix `whsec_`. While you replace the secret, pass the old and the new one. */
  readonly secret: string | readonly string[];
  readonly headers: WebhookHeaders;
  /** The body exactly as received. If a body is parsed and serialized again, its signature may be wrong. */
  readonly body: string | Uint8Array;
  /** Maximum difference in seconds between the time of the signature and the current time. The limit protects against replays. Default: 300. */
  readonly toleranceSeconds?: number;
  /** Returns the current time in epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number;
}

const DEFAULT_TOLERANCE_SECONDS = 300;
const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const;

/**
 * Verifies a webhook request and returns its event. The request must come from your API, be unchanged, and be recent. The comparison takes constant
 * time. The same event may come more than once, so ignore events that you have already processed, by `data.eventId`.
 *
 * @throws StreamerError `UNAUTHORIZED` if the request is not valid. Answer such a request with 401
 * @throws TypeError if a secret is not base64
 */
export async function verifyWebhook(options: VerifyWebhookOptions): Promise<StreamerWebhookEvent> {
  const { secret, headers, toleranceSeconds = DEFAULT_TOLERANCE_SECONDS, now = Date.now } = options;
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    header(headers, `webhook-${name}`),
  );
  if (!id || !timestamp || !signatures) throw refused('it has no webhook-id, webhook-timestamp or webhook-signature');
  if (!isRecent(timestamp, now(), toleranceSeconds))
    throw refused('its timestamp differs too much from the current time');
  const body = typeof options.body === 'string' ? encode(options.body) : options.body;
  const keys = await Promise.all([secret].flat().map(importKey));
  if (!(await isSigned(keys, signatures, concat(encode(`${id}.${timestamp}.`), body)))) {
    throw refused('no signature fits');
  }
  return parse(new TextDecoder().decode(body), id);
}

// This is a function and not a constant, so that the import does not fail on a platform without `TextEncoder`.
const encode = (text: string) => new TextEncoder().encode(text);

function header(headers: WebhookHeaders, name: string): string | undefined {
  if (typeof headers.get === 'function') return headers.get(name) ?? undefined;
  const entry = Object.entries(headers).find(([candidate]) => candidate.toLowerCase() === name);
  const [value] = [entry?.[1]].flat();
  return typeof value === 'string' ? value : undefined;
}

function isRecent(timestamp: string, now: number, toleranceSeconds: number): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(now / 1000 - Number(timestamp)) <= toleranceSeconds;
}

async function importKey(secret: string): Promise<CryptoKey> {
  const key = decodeBase64(secret.replace(/^whsec_/, ''));
  if (!key || key.length === 0) throw new TypeError('`secret` must be base64, with or without `whsec_` before it');
  return crypto.subtle.importKey('raw', key, HMAC, false, ['verify']);
}

/**
 * Whether one of the signatures is valid. A delivery has several signatures while the sender's secret changes. All signatures are compared, without
 * an early return, so that the duration reveals nothing.
 */
async function isSigned(keys: readonly CryptoKey[], signatures: string, content: BufferSource): Promise<boolean> {
  const given = signatures.split(' ').flatMap((signature) => {
    const [version, text = ''] = signature.split(',');
    return version === 'v1' ? [decodeBase64(text) ?? new Uint8Array()] : [];
  });
  const checks = keys.flatMap((key) => given.map((signature) => crypto.subtle.verify('HMAC', key, signature, content)));
  return (await Promise.all(checks)).includes(true);
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

function parse(body: string, id: string): StreamerWebhookEvent {
  const event = parseJson(body) as StreamerWebhookEvent | null | undefined;
  if (typeof event?.type !== 'string' || event.data?.eventId !== id)
    throw refused('its body is not an event with that id');
  return event;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const refused = (why: string) => new StreamerError('UNAUTHORIZED', `The webhook is refused: ${why}.`);
