import { StreamerError } from '../wire/errors';

/** A request that ended, as webhooks and the event bus tell of it. */
export interface EndedRequest {
  /** Names this end of the request: the same in every delivery of it. Drop what you have seen. */
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
  /** Number of the last attempt of this run; 0 if none was started. */
  readonly attempt: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601, to the second. */
  readonly endedAt: string;
  /** Absent if it completed. */
  readonly error?: { readonly code: string; readonly message: string; readonly retryable: boolean };
}

/** Body of a webhook. */
export interface StreamerWebhookEvent {
  readonly type: 'request.completed' | 'request.failed' | 'request.cancelled';
  /** When the request ended, ISO 8601. */
  readonly timestamp: string;
  readonly data: EndedRequest;
}

/** Headers as any server has them: a `Headers`, or an object whose names may be in any case. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** What `verifyWebhook` is given. */
export interface VerifyWebhookOptions {
  /** The secret: `whsec_…`, or only what follows. While one is replaced by another: both. */
  readonly secret: string | readonly string[];
  readonly headers: WebhookHeaders;
  /** The body as it came. Parsed and written again it has another signature. */
  readonly body: string | Uint8Array;
  /** How old or new the signature may be, against replays. Default 300. */
  readonly toleranceSeconds?: number;
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

const DEFAULT_TOLERANCE_SECONDS = 300;
const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const;

/**
 * Checks that a request came from your API, unchanged and just now, and gives what it says. The comparison takes the same time
 * whatever was signed. The same event may come more than once: drop what you have seen, by `data.eventId`.
 *
 * @throws StreamerError `UNAUTHORIZED` for anything else: answer it with 401
 * @throws TypeError for a secret that is not base64
 */
export async function verifyWebhook(options: VerifyWebhookOptions): Promise<StreamerWebhookEvent> {
  const { secret, headers, toleranceSeconds = DEFAULT_TOLERANCE_SECONDS, now = Date.now } = options;
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    header(headers, `webhook-${name}`),
  );
  if (!id || !timestamp || !signatures) throw refused('it has no webhook-id, webhook-timestamp or webhook-signature');
  if (!isRecent(timestamp, now(), toleranceSeconds)) throw refused('its time is too far from now');
  const body = typeof options.body === 'string' ? encode(options.body) : options.body;
  const keys = await Promise.all([secret].flat().map(importKey));
  if (!(await isSigned(keys, signatures, concat(encode(`${id}.${timestamp}.`), body)))) {
    throw refused('no signature fits');
  }
  return parse(new TextDecoder().decode(body), id);
}

// no constants: importing must not fail where the platform has neither
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

/** Several signatures stand side by side while the sender's secret changes. All are compared: time tells nothing. */
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
  if (typeof event?.type !== 'string' || event.data?.eventId !== id) throw refused('its body is no event of that id');
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
