import { createHash } from 'node:crypto';
import { type Fetch, payloadOf, TRANSFERS, Transfers } from '../../../../client-sdks/typescript/src/payload/transfer';
import { uploadInput } from '../../../../client-sdks/typescript/src/payload/upload-input';
import { encodeRequest, type LargeRequest } from '../../../../client-sdks/typescript/src/wire/encode';
import { StreamerError } from '../../../../client-sdks/typescript/src/wire/errors';

const SECRET = 'https://bucket.test/key?X-Amz-Signature=secret';
const DOWNLOAD = { url: SECRET, bytes: 3 };

/** A clock on which each timer rings at once, except the timers of transfers that hang. */
class QuickClock {
  public readonly waits: number[] = [];
  public hangs = false;

  public now(): number {
    return 0;
  }

  public setTimeout(fn: () => void, ms: number): unknown {
    const isLimit = ms >= 30_000;
    if (!isLimit) this.waits.push(ms);
    return isLimit && !this.hangs ? undefined : setTimeout(fn, 0);
  }

  public clearTimeout(timer: unknown): void {
    clearTimeout(timer as NodeJS.Timeout);
  }
}

let clock: QuickClock;
beforeEach(() => {
  clock = new QuickClock();
});

type Answer = { readonly status: number; readonly body?: string } | Error;

/** Answers calls in order; the last answer is repeated. */
function bucket(...answers: Answer[]) {
  const calls: Parameters<Fetch>[] = [];
  const fetch: Fetch = async (...call) => {
    const answer = answers[Math.min(calls.length, answers.length - 1)] as Answer;
    calls.push(call);
    if (answer instanceof Error) throw answer;
    const { status, body = '' } = answer;
    return { status, ok: status >= 200 && status < 300, text: async () => body };
  };
  return { calls, transfers: new Transfers({ clock, random: () => 0.5, fetch }) };
}

const running = () => new AbortController().signal;
const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: StreamerError) => error,
  );

describe('a download', () => {
  test('a download returns the JSON value', async () => {
    const { transfers, calls } = bucket({ status: 200, body: '{"a":"é"}' });

    expect(await transfers.download(DOWNLOAD, running())).toEqual({ a: 'é' });
    expect(calls).toMatchObject([[SECRET, {}]]);
  });

  test.each<[string, Answer]>([
    ['an error of the bucket', { status: 403, body: '<Error/>' }],
    ['an error of the network', new TypeError('Failed to fetch')],
    ['an incomplete body', { status: 200, body: '{"a":' }],
  ])('a download fails after %s, without the URL in its message', async (_what, answer) => {
    const error = await errorOf(bucket(answer).transfers.download(DOWNLOAD, running()));

    expect(error).toMatchObject({ code: 'TRANSFER_FAILED', retryable: true });
    expect(error?.message).not.toContain('secret');
  });

  test('a download that hangs is aborted after 30 seconds and the time for its bytes', async () => {
    clock.hangs = true;
    const fetch: Fetch = (_url, { signal }) =>
      new Promise((_resolve, reject) => {
        (signal as AbortSignal).addEventListener('abort', () => reject(new Error('aborted')));
      });

    const transfers = new Transfers({ clock, random: () => 0, fetch });
    expect((await errorOf(transfers.download(DOWNLOAD, running())))?.code).toBe('TRANSFER_FAILED');
  });

  test('a download stops when its request has ended', async () => {
    const stop = new AbortController();
    const fetch: Fetch = async (_url, { signal }) => {
      expect((signal as AbortSignal).aborted).toBe(true);
      throw new Error('aborted');
    };
    stop.abort();

    const transfers = new Transfers({ clock, random: () => 0, fetch });
    expect((await errorOf(transfers.download(DOWNLOAD, stop.signal)))?.code).toBe('TRANSFER_FAILED');
  });
});

function largeRequest(): LargeRequest {
  const large = encodeRequest('r1', 'report', { text: '€'.repeat(20_000) }, {}, (request) => request);
  if (typeof large === 'string') throw new Error('the request fits into a message');
  return large;
}

describe('an upload', () => {
  const large = largeRequest();
  const bytes = Buffer.byteLength(large.input);
  const sha256 = createHash('sha256').update(large.input).digest('base64');
  const upload = (transfers: Transfers, ask = async () => ({ url: SECRET, headers: { a: 'b' } }), stop = running()) =>
    uploadInput(large, transfers, ask, stop);

  test('an upload asks for a URL, sends the bytes with the headers, and returns the message with the digest', async () => {
    const { transfers, calls } = bucket({ status: 200 });
    const asked: string[] = [];

    const text = await uploadInput(
      large,
      transfers,
      async (message) => {
        asked.push(message);
        return { url: SECRET, headers: { 'if-none-match': '*' } };
      },
      running(),
    );

    expect(asked.map((message) => JSON.parse(message))).toEqual([
      { type: 'upload', id: 'r1', action: 'report', bytes, sha256 },
    ]);
    expect(calls).toMatchObject([[SECRET, { method: 'PUT', headers: { 'if-none-match': '*' } }]]);
    expect(Buffer.from(calls[0]?.[1].body as Uint8Array).toString()).toBe(large.input);
    expect(JSON.parse(text)).toEqual({ type: 'request', id: 'r1', action: 'report', upload: { bytes, sha256 } });
  });

  test('an upload succeeds if an earlier attempt has stored the same bytes', async () => {
    const { transfers, calls } = bucket(new Error('connection lost'), { status: 412 });

    await upload(transfers);
    expect(calls).toHaveLength(2);
    expect(clock.waits).toEqual([1_000]);
  });

  test('an upload asks for another URL after each failure, with growing waits, and gives up', async () => {
    const { transfers, calls } = bucket({ status: 403 });
    let urls = 0;
    const ask = async () => ({ url: `https://bucket.test/${++urls}`, headers: { a: 'b' } });

    expect(await errorOf(upload(transfers, ask))).toMatchObject({ code: 'TRANSFER_FAILED' });
    expect(new Set(calls.map(([url]) => url)).size).toBe(TRANSFERS);
    expect(clock.waits).toEqual([1_000, 2_000, 4_000, 8_000]);
  });

  test.each([
    ['UNSUPPORTED_TYPE', 'MESSAGE_TOO_LARGE'],
    ['UNKNOWN_TYPE', 'MESSAGE_TOO_LARGE'],
    ['PAYLOAD_TOO_LARGE', 'PAYLOAD_TOO_LARGE'],
    ['UNKNOWN_ACTION', 'UNKNOWN_ACTION'],
  ])('a refusal with %s ends the upload with %s', async (refused, code) => {
    const { transfers, calls } = bucket({ status: 200 });
    const ask = async () => {
      throw new StreamerError(refused, 'Refused.');
    };

    expect((await errorOf(upload(transfers, ask)))?.code).toBe(code);
    expect(calls).toEqual([]);
  });

  test('an upload whose request has ended is not repeated', async () => {
    const stop = new AbortController();
    const { transfers, calls } = bucket(new Error('aborted'));
    stop.abort();

    await errorOf(upload(transfers, undefined, stop.signal));
    expect(calls).toHaveLength(1);
  });

  test('a platform without Web Crypto cannot upload', async () => {
    const crypto = Object.getOwnPropertyDescriptor(globalThis, 'crypto') as PropertyDescriptor;
    Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true });
    try {
      expect(await errorOf(payloadOf('1'))).toMatchObject({ code: 'MESSAGE_TOO_LARGE', retryable: false });
    } finally {
      Object.defineProperty(globalThis, 'crypto', crypto);
    }
  });
});
