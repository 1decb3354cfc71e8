import { Alarm, backoffMs, type Clock } from '../util/clock';
import type { AbortSignalLike } from '../util/stop';
import { StreamerError } from '../wire/errors';
import type { Download, Json, PayloadDigest, Upload } from '../wire/messages';

interface FetchInit {
  readonly method?: string;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly signal?: unknown;
}

interface Platform {
  fetch(
    url: string,
    init: FetchInit,
  ): Promise<{ readonly status: number; readonly ok: boolean; text(): Promise<string> }>;
}

/** The part of `fetch` that this client uses. */
export type Fetch = Platform['fetch'];

export interface TransferOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** Default: `fetch` of the platform. */
  readonly fetch?: Fetch;
}

/** Number of attempts of one transfer. Each attempt uses a new URL. */
export const TRANSFERS = 5;
const BACKOFF_MS = 1_000;
const BACKOFF_MAX_MS = 20_000;
/** Time for a transfer without its bytes. */
const TRANSFER_MS = 30_000;
/** The slowest connection: 10 KB per second. */
const BYTES_PER_MS = 10;

/** Uploads and downloads payloads with presigned URLs. An error never contains a URL, because anybody who has it can read the payload. */
export class Transfers {
  constructor(private readonly options: TransferOptions) {}

  /** Returns the wait before the attempt after `failures` attempts. */
  waitMs(failures: number): number {
    return backoffMs(failures, BACKOFF_MS, BACKOFF_MAX_MS, this.options.random);
  }

  /** Downloads a JSON value. @throws StreamerError `TRANSFER_FAILED` */
  async download({ url, bytes }: Download, stop: AbortSignalLike): Promise<Json> {
    const text = await this.exchange(url, bytes, stop, {});
    try {
      return JSON.parse(text) as Json;
    } catch (cause) {
      throw failed('the downloaded result is not complete', cause);
    }
  }

  /**
   * Uploads bytes. If an attempt fails, it asks for another URL.
   *
   * @param ask returns a URL. Its errors end the upload
   * @throws StreamerError `TRANSFER_FAILED` after the last attempt
   */
  async upload(bytes: Uint8Array, ask: () => Promise<Upload>, stop: AbortSignalLike): Promise<void> {
    for (let failures = 1; ; failures++) {
      const { url, headers } = await ask();
      try {
        await this.exchange(url, bytes.length, stop, { method: 'PUT', headers, body: bytes });
        return;
      } catch (error) {
        if (stop.aborted || failures >= TRANSFERS) throw error;
      }
      await new Promise<void>((resolve) => new Alarm(this.options.clock, resolve).set(this.waitMs(failures)));
    }
  }

  /** Sends one request to S3. @returns the body of the answer */
  private async exchange(url: string, bytes: number, stop: AbortSignalLike, init: FetchInit): Promise<string> {
    const { clock, fetch = (globalThis as unknown as Platform).fetch } = this.options;
    const controller = typeof AbortController === 'function' ? new AbortController() : undefined;
    let abort!: () => void;
    const aborted = new Promise<never>((_resolve, reject) => {
      abort = () => {
        controller?.abort();
        reject(new Error('The transfer took too long, or its request has ended.'));
      };
    });
    const alarm = new Alarm(clock, abort);
    stop.addEventListener('abort', abort);
    alarm.set(TRANSFER_MS + bytes / BYTES_PER_MS);
    const answered = async () =>
      bodyOf(await fetch(url, { ...init, ...(controller && { signal: controller.signal }) }));
    try {
      if (stop.aborted) abort();
      return await Promise.race([aborted, answered()]);
    } catch (error) {
      throw error instanceof StreamerError ? error : failed('the bucket could not be reached', error);
    } finally {
      alarm.clear();
      stop.removeEventListener('abort', abort);
    }
  }
}

/** Reads an answer of the bucket. It answers 412 if an earlier attempt has uploaded the same content. */
async function bodyOf(answer: Awaited<ReturnType<Fetch>>): Promise<string> {
  if (!answer.ok && answer.status !== 412) throw failed(`the bucket answered with status ${answer.status}`);
  return answer.text();
}

function failed(reason: string, cause?: unknown): StreamerError {
  const hint = 'If this is a web page, the CORS rules of the bucket must allow its origin.';
  return new StreamerError('TRANSFER_FAILED', `A payload could not be transferred: ${reason}. ${hint}`, { cause });
}

/** An input as it is uploaded. */
export interface Payload {
  readonly data: Uint8Array;
  readonly digest: PayloadDigest;
}

interface Subtle {
  digest(algorithm: 'SHA-256', data: Uint8Array): Promise<ArrayBuffer>;
}

/** Returns the bytes of a string and their SHA-256. @throws StreamerError `MESSAGE_TOO_LARGE` if the platform has no Web Crypto */
export async function payloadOf(text: string): Promise<Payload> {
  const { subtle } = (globalThis as { crypto?: { readonly subtle?: Subtle } }).crypto ?? {};
  if (!subtle) {
    const reason = 'An upload needs Web Crypto, which browsers offer only to pages of https: and of localhost.';
    throw new StreamerError('MESSAGE_TOO_LARGE', `The input does not fit into a message. ${reason}`);
  }
  const data = new TextEncoder().encode(text);
  const hash = new Uint8Array(await subtle.digest('SHA-256', data));
  return { data, digest: { bytes: data.length, sha256: btoa(String.fromCharCode(...hash)) } };
}
