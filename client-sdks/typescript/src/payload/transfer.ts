import { Alarm, backoffMs, type Clock } from '../util/clock';
import { StreamerError } from '../wire/errors';
import type { Download, Json, PayloadDigest, Upload } from '../wire/messages';

/** The part of `fetch` that this client uses. */
export type Fetch = (
  url: string,
  init: {
    readonly method?: string;
    readonly headers?: { readonly [name: string]: string };
    readonly body?: Uint8Array<ArrayBuffer>;
    readonly signal?: AbortSignal;
  },
) => Promise<{ readonly status: number; readonly ok: boolean; text(): Promise<string> }>;

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
  async download({ url, bytes }: Download, stop: AbortSignal): Promise<Json> {
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
  async upload(bytes: Uint8Array<ArrayBuffer>, ask: () => Promise<Upload>, stop: AbortSignal): Promise<void> {
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
  private async exchange(url: string, bytes: number, stop: AbortSignal, init: object): Promise<string> {
    const aborted = new AbortController();
    const abort = () => aborted.abort();
    const alarm = new Alarm(this.options.clock, abort);
    stop.addEventListener('abort', abort);
    alarm.set(TRANSFER_MS + bytes / BYTES_PER_MS);
    try {
      if (stop.aborted) abort();
      const { fetch = globalThis.fetch as unknown as Fetch } = this.options;
      const answer = await fetch(url, { ...init, signal: aborted.signal });
      // S3 answers 412 if an earlier attempt has uploaded the same content.
      if (!answer.ok && answer.status !== 412) throw failed(`the bucket answered with status ${answer.status}`);
      return await answer.text();
    } catch (error) {
      throw error instanceof StreamerError ? error : failed('the bucket could not be reached', error);
    } finally {
      alarm.clear();
      stop.removeEventListener('abort', abort);
    }
  }
}

function failed(reason: string, cause?: unknown): StreamerError {
  const hint = 'If this is a web page, the CORS rules of the bucket must allow its origin.';
  return new StreamerError('TRANSFER_FAILED', `A payload could not be transferred: ${reason}. ${hint}`, { cause });
}

/** Returns the size and the SHA-256 of bytes. @throws StreamerError `TRANSFER_FAILED` if the platform has no Web Crypto */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<PayloadDigest> {
  const subtle = (globalThis as { crypto?: Crypto }).crypto?.subtle;
  if (!subtle) {
    const message = 'An upload needs Web Crypto, which browsers offer only to pages of https: and of localhost.';
    throw new StreamerError('TRANSFER_FAILED', message, { retryable: false });
  }
  const hash = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return { bytes: bytes.length, sha256: btoa(String.fromCharCode(...hash)) };
}
